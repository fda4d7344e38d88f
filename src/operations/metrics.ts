import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { figures, type GaugeName, type LabelForm, type Metrics } from './figures.js';

/** Read at the moment somebody asks for the figures. */
export type Readings = Record<GaugeName, () => number | Promise<number>>;

export interface MetricsRegistry extends Metrics {
  /** Says where gauges are read; until then they are left out. */
  readFrom(readings: Readings): void;
  /** All figures as Prometheus reads them. A gauge that cannot be read is left out. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** A label whose values could come from outside never makes more series than this; later ones are counted as `other`. */
const MOST_SERIES = 300;
const OTHER = 'other';

export function createMetrics(): MetricsRegistry {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const bounds = new Map<string, (labels: Record<string, string>) => Record<string, string>>();
  for (const [name, { kind, meaning: help, ...rest }] of Object.entries(figures)) {
    const { labels = {}, buckets } = rest as { labels?: Record<string, LabelForm>; buckets?: number[] };
    const common = { name, help, labelNames: Object.keys(labels), registers: [registry] };
    bounds.set(name, bounded(labels));
    if (kind === 'counter') counters.set(name, new Counter(common));
    if (kind === 'histogram') histograms.set(name, new Histogram({ ...common, ...(buckets && { buckets }) }));
  }
  const fit = (name: string, labels: Record<string, string> = {}) => bounds.get(name)?.(labels) ?? {};
  return {
    count: (name, ...[labels]) => counters.get(name)?.inc(fit(name, labels)),
    add: (name, amount, ...[labels]) => counters.get(name)?.inc(fit(name, labels), amount),
    observe: (name, seconds, ...[labels]) => histograms.get(name)?.observe(fit(name, labels), seconds),
    start(name) {
      const finish = histograms.get(name)?.startTimer();
      return (...[labels]) => void finish?.(fit(name, labels));
    },
    readFrom: (readings) => addGauges(registry, readings),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function addGauges(registry: Registry, readings: Readings): void {
  for (const [name, read] of Object.entries(readings) as [GaugeName, Readings[GaugeName]][]) {
    new Gauge({
      name,
      help: figures[name].meaning,
      registers: [registry],
      async collect() {
        try {
          this.set(await read());
        } catch {
          this.remove();
        }
      },
    });
  }
}

/** Labels in their form, and no more combinations than a scraper can bear. */
function bounded(forms: Record<string, LabelForm>): (labels: Record<string, string>) => Record<string, string> {
  const names = Object.keys(forms);
  const known = new Map<string, Record<string, string>>();
  const keyOf = (labels: Record<string, string>) => names.map((name) => labels[name] ?? '').join('\n');
  return (labels) => {
    const held = known.get(keyOf(labels));
    if (held) return held;
    const fitting = Object.fromEntries(
      Object.entries(forms).map(([name, form]) => [name, form.test(labels[name] ?? '') ? String(labels[name]) : OTHER]),
    );
    const series = keyOf(fitting);
    if (!known.has(series) && known.size >= MOST_SERIES) return Object.fromEntries(names.map((name) => [name, OTHER]));
    known.set(series, fitting);
    return fitting;
  };
}

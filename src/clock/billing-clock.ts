import type { BillingClock, Instant, Log, Timers, WallClock } from '../ports.js';

/** Billing time is real time: nothing jumps. */
export function wallBillingClock(wall: WallClock): BillingClock {
  return { now: () => wall.now(), onJump: () => () => {}, close: () => {} };
}

const FIRST_LINE_TIMEOUT_MS = 10_000;
/** The sandbox sends a blank line every 15 s; a stream that is silent for longer is dead. */
const SILENCE_TIMEOUT_MS = 40_000;
const SHORTEST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 5_000;
/** Smaller steps are the network's delay and no jump. */
const JITTER_MS = 250;

export interface BillingClockPorts {
  wall: WallClock;
  timers: Timers;
  log: Log;
}

/**
 * Follows the clock of a sandbox: `GET url` streams one JSON line `{"now","frozen"}` at once and one per jump. Between lines
 * the time runs with the wall clock, or stands still while frozen. A lost stream is opened again for ever; until then the
 * last offset holds. Resolves with the first line; throws when none comes within 10 s.
 */
export async function followBillingClock(url: string, ports: BillingClockPorts): Promise<BillingClock> {
  const reading = createReading(ports.wall);
  const closing = new AbortController();
  const first = new Promise<void>((resolve, reject) => {
    const cancel = ports.timers.after(FIRST_LINE_TIMEOUT_MS, () => {
      closing.abort();
      reject(new Error(`The billing clock at ${url} sent no time within 10 s. Is the sandbox running there?`));
    });
    void follow(url, ports, closing.signal, (line) => {
      reading.take(line);
      cancel();
      resolve();
    });
  });
  await first;
  return { now: reading.now, onJump: reading.onJump, close: () => closing.abort() };
}

/** What is known of the followed clock. */
function createReading(wall: WallClock) {
  const listeners = new Set<(now: Instant) => void>();
  let known: { offset: number } | { frozenAt: Instant } | undefined;
  const now = () => (known && 'frozenAt' in known ? known.frozenAt : wall.now() + (known?.offset ?? 0));

  return {
    now,
    onJump(listener: (now: Instant) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    take(line: ClockLine): void {
      const before = known && now();
      known = line.frozen ? { frozenAt: line.now } : { offset: line.now - wall.now() };
      if (before === undefined || Math.abs(line.now - before) <= JITTER_MS) return;
      for (const listener of listeners) listener(line.now);
    },
  };
}

async function follow(
  url: string,
  { timers, log }: BillingClockPorts,
  signal: AbortSignal,
  take: (line: ClockLine) => void,
): Promise<void> {
  let backOff = SHORTEST_BACK_OFF_MS;
  while (!signal.aborted) {
    try {
      await readStream(url, timers, signal, (line) => {
        backOff = SHORTEST_BACK_OFF_MS;
        take(line);
      });
    } catch (error) {
      if (signal.aborted) return;
      log.debug({ err: error, url }, 'the billing clock is out of reach');
    }
    await timers.sleep(backOff);
    backOff = Math.min(backOff * 2, LONGEST_BACK_OFF_MS);
  }
}

async function readStream(
  url: string,
  timers: Timers,
  closing: AbortSignal,
  take: (line: ClockLine) => void,
): Promise<void> {
  const silence = new AbortController();
  let cancel = () => {};
  function heard(): void {
    cancel();
    cancel = timers.after(SILENCE_TIMEOUT_MS, () => silence.abort(new Error('the stream fell silent')));
  }
  heard();
  try {
    const response = await fetch(url, { signal: AbortSignal.any([closing, silence.signal]) });
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
    let rest = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      heard();
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') take(parseLine(line));
    }
  } finally {
    cancel();
  }
}

interface ClockLine {
  now: Instant;
  frozen: boolean;
}

function parseLine(line: string): ClockLine {
  const { now, frozen } = JSON.parse(line) as { now?: unknown; frozen?: unknown };
  const instant = typeof now === 'string' ? Date.parse(now) : NaN;
  if (Number.isNaN(instant))
    throw new Error(`expected {"now":"<RFC 3339>","frozen":false}, found ${line.slice(0, 100)}`);
  return { now: instant, frozen: frozen === true };
}

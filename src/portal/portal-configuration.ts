import { lookupKeyOf, type SoldProduct } from '../plans/catalogue-diff.js';
import { APP, METADATA } from '../plans/metadata.js';
import type { PlanEntry, PlansFile } from '../plans/plans-file.js';

/** A product as the portal offers it; `maximum` null for no upper end. */
interface OfferedProduct {
  product: string;
  prices: string[];
  adjustable_quantity: { enabled: false } | { enabled: true; minimum: number; maximum: number | null };
}

/** The part of a portal configuration that the gateway decides, in Stripe's words; what is not named here is left alone. */
export interface PortalConfiguration {
  /** Null leaves it as it is. */
  default_return_url: string | null;
  features: {
    subscription_update:
      | { enabled: false }
      | {
          enabled: true;
          default_allowed_updates: ('price' | 'quantity' | 'promotion_code')[];
          products: OfferedProduct[];
          proration_behavior: 'always_invoice';
          schedule_at_period_end: { conditions: { type: 'decreasing_item_amount' | 'shortening_interval' }[] };
          trial_update_behavior: 'continue_trial';
        };
    subscription_cancel: {
      enabled: true;
      mode: 'at_period_end';
      proration_behavior: 'none';
      cancellation_reason: { enabled: true; options: string[] };
    };
    payment_method_update: { enabled: true };
    invoice_history: { enabled: true };
    customer_update: { enabled: true; allowed_updates: ('address' | 'email' | 'name' | 'phone' | 'tax_id')[] };
  };
}

/** Stripe takes no more. */
const MOST_PRODUCTS = 10;

/** Those of the gateway's own cancellation. */
const REASONS =
  'customer_service low_quality missing_features other switched_service too_complex too_expensive unused'.split(' ');

/** What the portal should allow, and what of the file it has no room for, as sentences. */
export interface WantedPortal {
  configuration: PortalConfiguration;
  leftOut: string[];
}

/** The portal by the rules of `changePlan`: what costs more is charged now, what costs less waits for the end of the period. */
export function wantedPortal(
  file: PlansFile,
  sold: readonly SoldProduct[],
  default_return_url: string | null,
): WantedPortal {
  const leftOut: string[] = [];
  const offered: OfferedProduct[] = [];
  for (const [key, plan] of Object.entries(file.plans)) {
    const products = offersOf(key, plan, file.currency, sold, leftOut);
    const room = MOST_PRODUCTS - offered.length;
    offered.push(...products.slice(0, room));
    if (products.length > room) leftOut.push(`${key}: Stripe's portal takes ${MOST_PRODUCTS} products.`);
  }
  for (const key of Object.keys(file.addOns)) leftOut.push(`${key}: Stripe's portal changes no add-ons.`);
  return {
    leftOut,
    configuration: {
      default_return_url,
      features: {
        subscription_update: offered.length === 0 ? { enabled: false } : updateOf(offered),
        subscription_cancel: {
          enabled: true,
          mode: 'at_period_end',
          proration_behavior: 'none',
          cancellation_reason: { enabled: true, options: REASONS },
        },
        payment_method_update: { enabled: true },
        invoice_history: { enabled: true },
        customer_update: { enabled: true, allowed_updates: ['address', 'email', 'name', 'phone', 'tax_id'] },
      },
    },
  };
}

function updateOf(products: OfferedProduct[]): PortalConfiguration['features']['subscription_update'] {
  const seats = products.some(({ adjustable_quantity }) => adjustable_quantity.enabled);
  return {
    enabled: true,
    default_allowed_updates: ['price', 'promotion_code', ...(seats ? (['quantity'] as const) : [])],
    products,
    proration_behavior: 'always_invoice',
    schedule_at_period_end: {
      conditions: [{ type: 'decreasing_item_amount' }, { type: 'shortening_interval' }],
    },
    trial_update_behavior: 'continue_trial',
  };
}

/** The products that hold the plan's prices: one for a plan that was pushed. The portal takes one price an interval. */
function offersOf(
  key: string,
  plan: PlanEntry,
  common: string,
  sold: readonly SoldProduct[],
  leftOut: string[],
): OfferedProduct[] {
  const offers = new Map<string, OfferedProduct>();
  const intervals = new Set<string>();
  const commonFirst = [...plan.prices].sort(
    (left, right) => Number((left.currency ?? common) !== common) - Number((right.currency ?? common) !== common),
  );
  for (const entry of commonFirst) {
    const lookupKey = lookupKeyOf(key, entry, common);
    const product = sold.find(({ prices }) => prices.some((price) => price.lookupKey === lookupKey));
    const price = product?.prices.find((one) => one.lookupKey === lookupKey);
    if (!product || !price) continue;
    if (intervals.has(entry.interval)) {
      leftOut.push(`${lookupKey}: Stripe's portal takes one price a ${entry.interval} of a product.`);
      continue;
    }
    intervals.add(entry.interval);
    const offer = offers.get(product.id) ?? {
      product: product.id,
      prices: [],
      adjustable_quantity: seatsOf(key, plan, leftOut),
    };
    offer.prices.push(price.id);
    offers.set(product.id, offer);
  }
  return [...offers.values()];
}

function seatsOf(key: string, { seats }: PlanEntry, leftOut: string[]): OfferedProduct['adjustable_quantity'] {
  const { min, max, step } = seats ?? { min: 1, max: undefined, step: 1 };
  if (step === 1) return { enabled: true, minimum: min, maximum: max ?? null };
  leftOut.push(`${key}: Stripe's portal knows no steps of ${step} seats, so they are not changed there.`);
  return { enabled: false };
}

/** A configuration at Stripe, as far as it counts here. */
export interface HeldConfiguration {
  id: string;
  created: number;
  active: boolean;
  metadata: Record<string, string> | null;
  default_return_url: string | null;
  features: object;
}

/** The configuration that a push keeps: of ours the one the settings name first, or else the oldest; null for none. */
export function findOurs<Held extends HeldConfiguration>(
  held: readonly Held[],
  configured: readonly string[],
): Held | null {
  const ours = held.filter(({ active, metadata }) => active && metadata?.[METADATA.app] === APP);
  const place = ({ id }: Held) => (configured.includes(id) ? configured.indexOf(id) : configured.length);
  ours.sort((left, right) => place(left) - place(right) || left.created - right.created);
  return ours[0] ?? null;
}

export interface PortalAction {
  kind: 'create_configuration' | 'update_setting';
  /** The setting in Stripe's words; `configuration` for the whole. */
  key: string;
  text: string;
}

/** What must be done at Stripe so that its portal allows what is wanted. Pure; nothing to do twice. */
export function diffPortal(wanted: PortalConfiguration, held: HeldConfiguration | null): PortalAction[] {
  if (!held) {
    const text = 'create a portal configuration by the rules of the file';
    return [{ kind: 'create_configuration', key: 'configuration', text }];
  }
  const { default_return_url, features } = wanted;
  return [
    ...(default_return_url === null ? [] : differences('', { default_return_url }, held)),
    ...differences('', features, held.features),
  ];
}

/** Of the wanted fields those that are held otherwise; further ones that Stripe holds do not count. */
function differences(path: string, wanted: object, held: unknown): PortalAction[] {
  return Object.entries(wanted).flatMap(([name, value]: [string, unknown]) => {
    const key = path === '' ? name : `${path}.${name}`;
    const there = (held as Record<string, unknown> | null | undefined)?.[name];
    if (isRecord(value)) return differences(key, value, there);
    if (fits(value, there)) return [];
    return [{ kind: 'update_setting', key, text: `${shown(there)} -> ${shown(value)}` }];
  });
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lists without order: Stripe answers them in one of its own. */
function fits(wanted: unknown, held: unknown): boolean {
  if (Array.isArray(wanted)) {
    const there: unknown[] = Array.isArray(held) ? held : [];
    return wanted.length === there.length && wanted.every((one) => there.some((other) => fits(one, other)));
  }
  if (isRecord(wanted)) return differences('', wanted, held).length === 0;
  return (wanted ?? null) === (held ?? null);
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

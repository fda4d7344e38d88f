import type { Account } from '../account.js';
import type { TableName } from '../store/tables.js';
import { parameterInvalid } from './errors.js';
import { type Holder, includables } from './includables.js';

/** Which kind of object an expandable field names. */
const references: Record<string, TableName> = {
  customer: 'customer',
  subscription: 'subscription',
  released_subscription: 'subscription',
  invoice: 'invoice',
  latest_invoice: 'invoice',
  payment_method: 'payment_method',
  default_payment_method: 'payment_method',
  payment_intent: 'payment_intent',
  setup_intent: 'setup_intent',
  pending_setup_intent: 'setup_intent',
  charge: 'charge',
  latest_charge: 'charge',
  product: 'product',
  price: 'price',
  default_price: 'price',
  feature: 'entitlements.feature',
  configuration: 'billing_portal.configuration',
  refund: 'refund',
  customer_balance_transaction: 'customer_balance_transaction',
  credit_note: 'credit_note',
  tax_rate: 'tax_rate',
  test_clock: 'test_helpers.test_clock',
  schedule: 'subscription_schedule',
  coupon: 'coupon',
  promotion_code: 'promotion_code',
  discount: 'discount',
};

const plainStrings = new Set(['charge.payment_method', 'subscription_item.subscription', 'price_details.product']);

type Json = Record<string, unknown>;

/** The answer with every asked path replaced by the object it names, or filled with the field that is absent by default. */
export function expand(account: Account, answer: unknown, paths: string[]): unknown {
  let expanded = answer;
  for (const path of paths) {
    const steps = path.split('.');
    // The `data` of a list is no level of its own.
    if (steps.filter((step) => step !== 'data').length > 4)
      throw parameterInvalid('expand', `You cannot expand more than 4 levels of a property (asked for ${path}).`);
    expanded = walk(account, expanded, steps, path, '', { id: '' });
  }
  return expanded;
}

function walk(account: Account, value: unknown, steps: string[], path: string, name: string, above: Holder): unknown {
  if (Array.isArray(value)) return value.map((entry) => walk(account, entry, steps, path, name, above));
  if (value === null || typeof value !== 'object') return value;
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const holder = value as Json;
  // Parts of an object are told apart by the object's id.
  const owner = typeof holder['id'] === 'string' ? (holder as unknown as Holder) : above;
  const found = open(account, holder, step, path, name, owner);
  return { ...holder, [step]: rest.length === 0 ? found : walk(account, found, rest, path, step, owner) };
}

function open(account: Account, holder: Json, field: string, path: string, name: string, owner: Holder): unknown {
  const kind = typeof holder['object'] === 'string' ? holder['object'] : name;
  const held = holder[field];
  if (held === undefined) {
    const include = includables[`${kind}.${field}`];
    if (include) return include(account, owner);
    if (holder['deleted'] === true) return undefined;
    throw parameterInvalid('expand', `This property cannot be expanded (${path}).`, 'property_cannot_be_expanded');
  }
  if (held !== null && typeof held === 'object' && !Array.isArray(held)) return held;
  const table = references[field];
  if (Array.isArray(held))
    return held.map((entry) =>
      typeof entry === 'string' ? lookUp(account, references[field.replace(/s$/, '')], entry) : entry,
    );
  if (!table || plainStrings.has(`${kind}.${field}`)) {
    throw parameterInvalid('expand', `This property cannot be expanded (${path}).`, 'property_cannot_be_expanded');
  }
  return held === null ? null : lookUp(account, table, String(held));
}

function lookUp(account: Account, table: TableName | undefined, id: string): unknown {
  if (!table) return id;
  const found = account.store.get(table, id);
  if (found) return found;
  const gone = account.store.get('deleted', id);
  return gone ? { id: gone.id, object: gone.object, deleted: true } : id;
}

import { CHECKOUT, payCheckout } from './story.js';
import type { Person, World } from './world.js';

/** The documents of the stories about changes of plan. */
const MONEY = '{ minor }';
const LINES = `{ description amount ${MONEY} proration quantity period { start end } }`;
export const PREVIEW_FIELDS = `token expiresAt kind timing effectiveAt allowed summary
  blockers { code message remedy } notices { code message feature { key } }
  fromPlan { key } toPlan { key } toPrice { interval } fromSeats toSeats fromAddOns { addOn { key } quantity } toAddOns { addOn { key } quantity }
  lines ${LINES} subtotal ${MONEY} discount ${MONEY} creditApplied ${MONEY} amountDueNow ${MONEY} creditGranted ${MONEY}
  recurringBefore ${MONEY} recurringAfter ${MONEY} features { feature { key } before after direction }
  paymentMethod { label }`;
const NEXT = `carriedOver ${MONEY} nextInvoice { date amountDue ${MONEY} discount ${MONEY} creditApplied ${MONEY} carriedOver ${MONEY} total ${MONEY} lines ${LINES} }`;
const ERRORS = `userErrors { __typename code message field hint
  ... on PreviewOutdatedError { freshPreview { token amountDueNow ${MONEY} } }
  ... on ThrottledError { retryAfterMs }
  ... on ConflictError { currentRevision subscription { id } } }`;
export const SUBSCRIPTION = `id status plan { key } price { interval } seats currentPeriod { start end } revision
  cancellation { effectiveAt } pause { since resumesAt cause } access { allowed reason }
  pendingChange { state kind toPlan { key } toPrice { interval } toSeats toAddOns { addOn { key } quantity } effectiveAt expiresAt canCancel recurringAfter ${MONEY} }`;
const PAYLOAD = `{ outcome subscription { ${SUBSCRIPTION} } account { revision plan { key } } invoice { id status }
  paymentAction { kind clientSecret hostedUrl expiresAt invoice { id status } } ${ERRORS} }`;

export const PREVIEW = `query ($input: PreviewChangeInput!) { previewChange(input: $input) { preview { ${PREVIEW_FIELDS} } ${ERRORS} } }`;
export const PREVIEW_NEXT = `query ($input: PreviewChangeInput!) { previewChange(input: $input) { preview { ${PREVIEW_FIELDS} ${NEXT} } ${ERRORS} } }`;
const mutation = (name: string, type: string) => `mutation ($input: ${type}!) { ${name}(input: $input) ${PAYLOAD} }`;
export const CHANGE = mutation('changePlan', 'ChangePlanInput');
export const UNDO = mutation('cancelPendingChange', 'SubscriptionRefInput');
export const CANCEL_PLAN = mutation('cancelSubscription', 'CancelSubscriptionInput');
export const REACTIVATE_PLAN = mutation('reactivateSubscription', 'SubscriptionRefInput');
export const PAUSE = mutation('pauseSubscription', 'PauseSubscriptionInput');
export const RESUME = mutation('resumeSubscription', 'SubscriptionRefInput');
export const STANDING = `{ viewer { account { revision plan { key } access { allowed reason until } subscription { ${SUBSCRIPTION} }
  invoices { nodes { id status reason total ${MONEY} amountDue ${MONEY} } }
  timeline { nodes { title detail revision } } } } }`;
export const LIVE = `subscription { accountUpdated { kind revision account { plan { key } subscription { ${SUBSCRIPTION} } } } }`;

/** Somebody who has subscribed and paid. */
export async function subscriber(world: World, plan = 'team', account = 'acme', card?: string): Promise<Person> {
  const person = world.as(account);
  const { data } = await person.ask(CHECKOUT, { plan });
  await payCheckout(world.sandbox, data.createCheckoutSession.session.id, card);
  await world.settled();
  return person;
}

/** Asks for a change and answers its payload. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function run(person: Person, document: string, input: Record<string, unknown> = {}): Promise<any> {
  const { data, errors } = await person.ask<Record<string, unknown>>(document, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return Object.values(data ?? {})[0];
}

export async function standing(person: Person) {
  const { data, errors } = await person.ask(STANDING);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.viewer.account;
}

/** Sells one more plan, above the sample ones. */
export async function sell(
  world: World,
  plan: string,
  tier: number,
  monthly: number,
  more: Record<string, string> = {},
): Promise<void> {
  const { stripe } = world.gateway.parts;
  const product = await stripe.products.create({
    name: plan,
    metadata: { app: 'billing', plan_id: plan, tier: String(tier), capabilities: 'projects', ...more },
  });
  await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: monthly,
    recurring: { interval: 'month' },
    lookup_key: `${plan}_month`,
  });
  await world.settled();
}

/** Amounts of the lines of an invoice at Stripe, in its order. */
export async function linesOf(world: World, invoice: string): Promise<number[]> {
  const { lines } = await world.gateway.parts.stripe.invoices.retrieve(invoice);
  return lines.data.map(({ amount }) => amount);
}

const DAY = 86_400_000;

/** The first moment from `now` on, day by day, that lies in a month of thirty days. */
export function monthOfThirtyDays(now: number): number {
  const lengthOf = (at: number) =>
    new Date(Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + 1, 0)).getUTCDate();
  let at = now;
  while (lengthOf(at) !== 30) at += DAY;
  return at;
}

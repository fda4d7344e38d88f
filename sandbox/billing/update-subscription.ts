import type { Account } from '../account.js';
import { notPossible, parameterInvalid } from '../http/errors.js';
import { mergeMetadata, type MetadataChange } from '../http/parameters.js';
import { find, findNamed } from '../resources/find.js';
import { applyChange, type Application } from './apply-change.js';
import { changeSubscription, lastPeriodEnd, periodEnd } from './change-subscription.js';
import { endDiscounts, redeemDiscounts, type DiscountParam } from './discount-life.js';
import type { Subscription } from './lines.js';
import type { ItemChange } from './plan-change.js';
import { isTerminal } from './subscription-status.js';

export interface ItemUpdate extends Omit<ItemChange, 'metadata' | 'discounts'> {
  metadata?: MetadataChange;
  discounts?: DiscountParam[] | null;
}

export interface SubscriptionUpdate {
  automatic_tax?: { enabled: boolean };
  billing_cycle_anchor?: { type: 'now' | 'unchanged' };
  cancel_at?: number | 'min_period_end' | 'max_period_end' | 'max_billed_until' | null;
  cancel_at_period_end?: boolean;
  cancellation_details?: { comment?: string | null; feedback?: string | null };
  collection_method?: 'charge_automatically' | 'send_invoice';
  days_until_due?: number;
  default_payment_method?: string;
  description?: string | null;
  discounts?: DiscountParam[] | null;
  items?: ItemUpdate[];
  metadata?: MetadataChange;
  off_session?: boolean;
  pause_collection?: { behavior: 'keep_as_draft' | 'mark_uncollectible' | 'void'; resumes_at?: number | null } | null;
  payment_behavior?: Application['payment_behavior'];
  payment_settings?: object;
  proration_behavior?: Application['proration_behavior'];
  proration_date?: number;
  trial_end?: number | 'now';
  trial_settings?: object;
}

const editableAtTheEnd = new Set(['metadata', 'cancellation_details']);
const editableWhileIncomplete = new Set(['metadata', 'default_payment_method']);
const allowedWithPending = new Set([
  'items',
  'proration_behavior',
  'proration_date',
  'billing_cycle_anchor',
  'trial_end',
  'payment_behavior',
  'off_session',
  'discounts',
  'metadata',
  'cancel_at_period_end',
]);

export function updateSubscription(
  account: Account,
  id: string,
  params: SubscriptionUpdate,
  previewOnly = false,
): ReturnType<typeof applyChange> {
  const subscription = find(account, 'subscription', id);
  checkEditable(account, subscription, params);
  const patch = patchOf(account, subscription, params);
  const discounts =
    params.discounts === undefined ? undefined : newDiscounts(account, subscription, params.discounts ?? []);
  const bills =
    params.items !== undefined || params.billing_cycle_anchor?.type === 'now' || params.trial_end !== undefined;
  if (!bills) {
    const after = changeSubscription(account, id, { ...patch, ...(discounts ? { discounts } : {}) });
    if (after.pause_collection?.resumes_at)
      account.plan('subscription.resume_collection', id, after.pause_collection.resumes_at, after.customer);
    else account.unplan('subscription.resume_collection', id);
    return { subscription: after, invoice: null };
  }
  return applyChange(account, id, {
    items: params.items?.map((item) => itemChange(account, subscription, item)),
    billing_cycle_anchor: params.billing_cycle_anchor?.type,
    proration_behavior: params.proration_behavior,
    proration_date: params.proration_date,
    trial_end: params.trial_end,
    discounts,
    patch,
    payment_behavior: params.payment_behavior,
    off_session: params.off_session,
    previewOnly,
  });
}

function checkEditable(account: Account, subscription: Subscription, params: SubscriptionUpdate): void {
  const keys = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([key]) => key);
  if (isTerminal(subscription.status) && keys.some((key) => !editableAtTheEnd.has(key))) {
    throw parameterInvalid(
      'id',
      'A canceled subscription can only update its cancellation_details and metadata.',
      'invalid_canceled_subscription_fields',
    );
  }
  const refused = keys.find((key) => !editableWhileIncomplete.has(key));
  if (subscription.status === 'incomplete' && refused) {
    throw notPossible(
      `This subscription is incomplete: only its metadata and default payment method can be updated until its first invoice is paid (asked for ${refused}).`,
    );
  }
  if (params.payment_behavior === 'pending_if_incomplete') {
    const other = keys.find((key) => !allowedWithPending.has(key));
    if (other)
      throw parameterInvalid(
        other,
        `\`${other}\` cannot be updated together with \`payment_behavior=pending_if_incomplete\`.`,
      );
  }
  const cancels = params.cancel_at !== undefined || params.cancel_at_period_end !== undefined;
  if (subscription.schedule && cancels && account.settings.scheduleLocksCancellation) {
    throw notPossible(
      `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
    );
  }
}

function patchOf(account: Account, subscription: Subscription, params: SubscriptionUpdate): Partial<Subscription> {
  const {
    automatic_tax,
    collection_method,
    days_until_due,
    description,
    pause_collection,
    payment_settings,
    trial_settings,
  } = params;
  return {
    ...cancellationPatch(account, subscription, params),
    ...(automatic_tax
      ? {
          automatic_tax: {
            disabled_reason: null,
            enabled: automatic_tax.enabled,
            liability: automatic_tax.enabled ? { type: 'self' } : null,
          },
        }
      : {}),
    ...(collection_method ? { collection_method } : {}),
    ...(days_until_due === undefined ? {} : { days_until_due }),
    ...(params.default_payment_method === undefined
      ? {}
      : { default_payment_method: ownMethod(account, subscription, params.default_payment_method) }),
    ...(description === undefined ? {} : { description }),
    ...(pause_collection === undefined
      ? {}
      : {
          pause_collection: pause_collection && {
            behavior: pause_collection.behavior,
            resumes_at: pause_collection.resumes_at ?? null,
          },
        }),
    ...(payment_settings
      ? {
          payment_settings: {
            ...subscription.payment_settings,
            ...payment_settings,
          } as Subscription['payment_settings'],
        }
      : {}),
    ...(trial_settings ? { trial_settings: trial_settings as Subscription['trial_settings'] } : {}),
    metadata: mergeMetadata(subscription.metadata, params.metadata),
  };
}

function itemChange(account: Account, subscription: Subscription, item: ItemUpdate): ItemChange {
  const { metadata, discounts, ...rest } = item;
  const held = subscription.items.data.find(({ id }) => id === item.id);
  return {
    ...rest,
    ...(metadata === undefined ? {} : { metadata: mergeMetadata(held?.metadata ?? {}, metadata) }),
    ...(discounts === undefined
      ? {}
      : {
          discounts: redeemDiscounts(account, discounts ?? [], {
            customer: subscription.customer,
            subscription: subscription.id,
            item: item.id ?? null,
          }),
        }),
  };
}

/** A filled list replaces what there was; those that are kept are named by their discount. */
function newDiscounts(account: Account, subscription: Subscription, given: DiscountParam[]): string[] {
  const fresh = redeemDiscounts(account, given, { customer: subscription.customer, subscription: subscription.id });
  endDiscounts(
    account,
    subscription.discounts.filter((id) => !fresh.includes(id)),
  );
  return fresh;
}

function ownMethod(account: Account, subscription: Subscription, id: string): string {
  const method = findNamed(account, 'payment_method', id, 'default_payment_method');
  if (method.customer === subscription.customer) return method.id;
  throw parameterInvalid(
    'default_payment_method',
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
    'resource_missing',
  );
}

function cancellationPatch(
  account: Account,
  subscription: Subscription,
  { cancel_at, cancel_at_period_end, cancellation_details }: SubscriptionUpdate,
): Partial<Subscription> {
  const details = subscription.cancellation_details;
  const told = {
    ...details,
    comment: cancellation_details?.comment ?? details?.comment ?? null,
    feedback: cancellation_details?.feedback ?? details?.feedback ?? null,
  };
  const withReason = (reason: 'cancellation_requested' | null): Partial<Subscription> => ({
    cancellation_details: { ...told, reason } as Subscription['cancellation_details'],
  });
  if (cancel_at_period_end === undefined && cancel_at === undefined) {
    return cancellation_details ? { cancellation_details: told as Subscription['cancellation_details'] } : {};
  }
  if (cancel_at_period_end === true && typeof cancel_at === 'number')
    throw parameterInvalid(
      'cancel_at',
      'You may only specify one of these parameters: cancel_at, cancel_at_period_end.',
    );
  if (cancel_at_period_end === false && cancel_at === null && !account.settings.cancelFieldsTogether) {
    throw parameterInvalid(
      'cancel_at',
      'You may only specify one of these parameters: cancel_at, cancel_at_period_end.',
    );
  }
  const now = account.now(subscription.customer);
  const asked = { canceled_at: subscription.canceled_at ?? now, ...withReason('cancellation_requested') };
  if (cancel_at_period_end === true)
    return { cancel_at_period_end: true, cancel_at: periodEnd(subscription), ...asked };
  if (cancel_at !== undefined && cancel_at !== null) {
    const at =
      cancel_at === 'min_period_end'
        ? periodEnd(subscription)
        : typeof cancel_at === 'number'
          ? cancel_at
          : lastPeriodEnd(subscription);
    if (at < now) throw parameterInvalid('cancel_at', `cancel_at must be in the future (found ${at}, now ${now}).`);
    return { cancel_at: at, cancel_at_period_end: false, ...asked };
  }
  return { cancel_at: null, cancel_at_period_end: false, canceled_at: null, ...withReason(null) };
}

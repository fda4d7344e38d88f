import type { Account } from '../account.js';
import { parameterInvalid } from '../http/errors.js';
import { mergeMetadata, type MetadataChange } from '../http/parameters.js';
import { find, findNamed } from '../resources/find.js';
import { applyChange, type Application } from './apply-change.js';
import { cancellationPatch } from './cancellation-patch.js';
import { changeSubscription } from './change-subscription.js';
import { checkEditable } from './editable-fields.js';
import { endDiscounts, redeemDiscounts, type DiscountParam } from './discount-life.js';
import { addOneTimeItems, type OneTimeItem } from './invoice-items.js';
import type { Subscription } from './lines.js';
import type { ItemChange } from './swap-items.js';

export interface ItemUpdate extends Omit<ItemChange, 'metadata' | 'discounts'> {
  metadata?: MetadataChange;
  discounts?: DiscountParam[] | null;
}

export interface SubscriptionUpdate {
  add_invoice_items?: OneTimeItem[];
  automatic_tax?: { enabled: boolean };
  billing_cycle_anchor?: { type: 'now' | 'unchanged' };
  cancel_at?: number | 'min_period_end' | 'max_period_end' | 'max_billed_until' | null;
  cancel_at_period_end?: boolean;
  cancellation_details?: { comment?: string | null; feedback?: string | null };
  collection_method?: 'charge_automatically' | 'send_invoice';
  days_until_due?: number;
  default_payment_method?: string;
  default_tax_rates?: Subscription['default_tax_rates'];
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
  /** Begin the trial that the price of the first item asks for. */
  trial_from_plan?: boolean;
  trial_settings?: object;
}

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
  const trial_end = params.trial_end ?? trialOfPlan(account, subscription, params);
  const bills = params.items !== undefined || params.billing_cycle_anchor?.type === 'now' || trial_end !== undefined;
  const classic = subscription.billing_mode.type === 'classic';
  const addItems = (): unknown => addOneTimeItems(account, subscription, params.add_invoice_items ?? []);
  // Flexible billing leaves them for the next invoice even where this change makes one.
  if (classic || !bills) addItems();
  if (!bills) {
    const after = changeSubscription(account, id, { ...patch, ...(discounts ? { discounts } : {}) });
    if (after.pause_collection?.resumes_at)
      account.plan('subscription.resume_collection', id, after.pause_collection.resumes_at, after.customer);
    else account.unplan('subscription.resume_collection', id);
    return { subscription: after, invoice: null };
  }
  const changed = applyChange(account, id, {
    items: params.items?.map((item) => itemChange(account, subscription, item)),
    billing_cycle_anchor: params.billing_cycle_anchor?.type,
    proration_behavior: params.proration_behavior,
    proration_date: params.proration_date,
    trial_end,
    discounts,
    patch,
    payment_behavior: params.payment_behavior,
    off_session: params.off_session,
    previewOnly,
  });
  if (!classic) addItems();
  return changed;
}

function trialOfPlan(
  account: Account,
  subscription: Subscription,
  { trial_from_plan, items }: SubscriptionUpdate,
): number | undefined {
  if (!trial_from_plan) return undefined;
  const price = items?.find((item) => item.price !== undefined)?.price ?? subscription.items.data[0]?.price.id ?? '';
  const days = account.store.get('price', price)?.recurring?.trial_period_days;
  return days ? account.now(subscription.customer) + days * 86_400 : undefined;
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
    ...(params.default_tax_rates === undefined ? {} : { default_tax_rates: params.default_tax_rates }),
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

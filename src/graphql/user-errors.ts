import { Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { lookAtCustomer } from '../accounts/look-at-customer.js';
import { errorCatalogue } from '../errors-catalogue.js';
import type { Context } from './context.js';
import { Plan } from '../plans/plan.entity.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { SafeIntScalar, UrlScalar } from './scalars.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { mainSubscriptionOf } from '../subscriptions/main-subscription.js';

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'Values may be added in minor releases; treat an unknown one as OTHER.',
  valuesConfig: {
    OTHER: { description: 'Anything without a code of its own.' },
    INVALID: { description: 'An input cannot be used as it is.' },
    NOT_FOUND: { description: 'What the input names is not there.' },
    PRICE_CURRENCY_MISMATCH: { description: 'The price is in another currency than the subscription.' },
    PLAN_NOT_AVAILABLE: { description: 'The plan is not on sale for this interval and currency.' },
    QUANTITY_OUT_OF_RANGE: { description: 'So many seats cannot be bought.' },
    ALREADY_SUBSCRIBED: { description: 'There is a subscription already; change that one.' },
    NO_SUBSCRIPTION: { description: 'There is no subscription to do this to.' },
    SUBSCRIPTION_ENDED: { description: 'The subscription is over; start a new one.' },
    SUBSCRIPTION_PAUSED: { description: 'The subscription is paused; resume it first.' },
    CHANGE_ALREADY_PENDING: { description: 'A change that is booked stands in the way.' },
    PREVIEW_EXPIRED: { description: 'The preview is older than ten minutes.' },
    PREVIEW_OUTDATED: { description: 'The preview no longer matches; a fresh one is attached.' },
    PAYMENT_OVERDUE: { description: 'A payment is overdue and comes first.' },
    TOO_MANY_CHANGES: { description: 'Too many accepted changes in a short time; wait for retryAfterMs.' },
    USAGE_OVER_LIMIT: { description: 'More would be used than is granted, or is used than would be.' },
    FEATURE_UNKNOWN: { description: 'Nothing in the catalogue grants such a feature.' },
    NO_ACCESS: { description: 'The account may not use the product now; see its access.' },
    NOTHING_PENDING: { description: 'There is nothing to take back.' },
    PAYMENT_METHOD_REQUIRED: { description: 'There is no payment method to charge.' },
    PAYMENT_METHOD_IN_USE: { description: 'A live subscription is charged to it.' },
    CARD_DECLINED: { description: 'The bank refused the card.' },
    INVOICE_NOT_PAYABLE: { description: 'The invoice is a draft, or nothing is due on it.' },
    PROMOTION_CODE_INVALID: { description: 'The promotion code cannot be used; the message says why.' },
    ADDRESS_REQUIRED_FOR_TAX: { description: 'Taxes need a billing address, and none is known.' },
    TAX_ID_INVALID: { description: 'The tax id is not valid for its kind.' },
    RETURN_URL_NOT_ALLOWED: { description: 'The address is on none of the allowed origins.' },
    IDEMPOTENCY_KEY_REUSED: { description: 'The key was used with another input.' },
    CONFLICT: {
      description:
        'Somebody else changed the account meanwhile, or another request for it is still under way; then try again in a moment.',
    },
    IN_PROGRESS: { description: 'An earlier request with the same key is still running.' },
  },
});

@InterfaceType({
  description:
    'A problem the person or the calling code can act on. Mutations return these in `userErrors` and never throw them; anything else arrives in the top-level `errors` list.',
  resolveType: (value: UserError) => value.constructor.name,
})
export abstract class UserError {
  @Field(() => UserErrorCode, { description: 'Stable, machine readable.' })
  code!: UserErrorCode;

  @Field(() => String, { description: 'One sentence fit to show.' })
  message!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Path of the input at fault; null when not tied to one input.',
  })
  field!: string[] | null;

  @Field(() => String, { nullable: true, description: 'What to do next, fit to show as a hint.' })
  hint!: string | null;

  @Field(() => UrlScalar, { description: 'Page of the error catalogue for this code.' })
  docsUrl!: string;
}

@ObjectType({ implements: UserError, description: 'The usual case: nothing beyond the common fields.' })
export class GenericUserError extends UserError {}

@ObjectType({ implements: UserError, description: 'Somebody else changed the account meanwhile.' })
export class ConflictError extends UserError {
  @Field(() => SafeIntScalar, { description: 'Where the account stands now.' })
  currentRevision!: number;

  @Field(() => BillingSubscription, {
    nullable: true,
    description: 'The main subscription as it is now; null when there is none.',
  })
  subscription!: BillingSubscription | null;
}

@ObjectType({ implements: UserError, description: 'Too many accepted changes in a short time.' })
export class ThrottledError extends UserError {
  @Field(() => Int, { description: 'How long to wait, in milliseconds.' })
  retryAfterMs!: number;
}

@ObjectType({ implements: UserError, description: 'More would be used than is granted; nothing was counted.' })
export class UsageOverLimitError extends UserError {
  @Field(() => SafeIntScalar, { description: 'How many are granted; 0 when the plan does not grant the feature.' })
  limit!: number;

  @Field(() => SafeIntScalar, { description: 'How many are used; above the limit after a downgrade.' })
  used!: number;

  @Field(() => SafeIntScalar, { description: 'How many more were asked for.' })
  asked!: number;

  @Field(() => Plan, { nullable: true, description: 'The cheapest plan that grants enough; null when none does.' })
  unlockedBy!: Plan | null;
}

@ObjectType({ implements: UserError, description: 'There is a subscription already; change that one.' })
export class AlreadySubscribedError extends UserError {
  // Nullable as ConflictError's, so that one document can ask for it whichever error comes.
  @Field(() => BillingSubscription, { nullable: true, description: 'The one that is there; never null.' })
  subscription!: BillingSubscription;
}

@ObjectType({ implements: UserError, description: 'The bank refused the card.' })
export class CardDeclinedError extends UserError {
  @Field(() => String, {
    nullable: true,
    description: "The bank's reason in Stripe's words, raw; null when it gave none.",
  })
  declineCode!: string | null;

  @Field(() => Boolean, { description: 'False when a retry with the same card cannot work.' })
  retryable!: boolean;
}

/** A refusal as the caller gets it. `account` is the one it is about, once it is known. Anything else that was thrown is thrown on. */
export async function toUserErrors(
  thrown: unknown,
  context: Context,
  account: Pick<Account, 'id'> | null,
): Promise<UserError[]> {
  if (!(thrown instanceof Refusal)) throw thrown;
  const { code, details } = thrown;
  const common = commonFieldsOf(thrown, context);
  if (details.currentRevision !== undefined) {
    const { currentRevision } = details;
    const subscription = account && (await mainSubscriptionNow(context, account));
    return [Object.assign(new ConflictError(), common, { currentRevision, subscription })];
  }
  if (details.retryAfterMs !== undefined) {
    return [Object.assign(new ThrottledError(), common, { retryAfterMs: details.retryAfterMs })];
  }
  if (details.usage) {
    const { planByKey } = await context.loaders.catalogue();
    const unlockedBy = planByKey.get(details.usage.unlockedBy ?? '') ?? null;
    return [Object.assign(new UsageOverLimitError(), common, details.usage, { unlockedBy })];
  }
  if (code === UserErrorCode.CARD_DECLINED) {
    const { declineCode = null, retryable = true } = details;
    return [Object.assign(new CardDeclinedError(), common, { declineCode, retryable })];
  }
  if (code === UserErrorCode.ALREADY_SUBSCRIBED && details.subscriptionId) {
    const subscription = await storedSubscription(context, details.subscriptionId, account);
    if (subscription) return [Object.assign(new AlreadySubscribedError(), common, { subscription })];
  }
  return [Object.assign(new GenericUserError(), common)];
}

/** Stripe has it for certain, and the stored copy may be a moment behind. */
async function storedSubscription(
  { loaders, parts }: Context,
  id: string,
  account: Pick<Account, 'id'> | null,
): Promise<BillingSubscription | null> {
  const held = await loaders.subscription.clear(id).load(id);
  if (held || !account) return held;
  await lookAtCustomer(parts, account.id);
  return loaders.subscription.clear(id).load(id);
}

/** What every error of a refusal says. */
export const commonFieldsOf = ({ code, message, details }: Refusal, { parts }: Pick<Context, 'parts'>) => ({
  code,
  message,
  field: details.field ?? null,
  hint: details.hint ?? errorCatalogue[code].whatToDo,
  docsUrl: `${parts.publicUrl}/errors/${code}`,
});

async function mainSubscriptionNow(
  { loaders }: Context,
  account: Pick<Account, 'id'>,
): Promise<BillingSubscription | null> {
  loaders.forget();
  return mainSubscriptionOf(loaders, account);
}

/** The field every mutation input has that reaches Stripe. */
export const IDEMPOTENCY_KEY = {
  type: () => ID,
  nullable: true,
  description:
    'The same key with the same input returns the first answer, for 24 hours. Over HTTP the Idempotency-Key header does the same.',
} as const;

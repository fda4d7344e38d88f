import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { decideAccess } from '../access/access.js';
import { AccessDecision } from '../access/access-decision.js';
import { Account } from '../accounts/account.entity.js';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { Period } from '../graphql/money.js';
import { Outcome } from '../graphql/outcome.js';
import { DateTimeScalar, SafeIntScalar } from '../graphql/scalars.js';
import { toUserErrors, UserError } from '../graphql/user-errors.js';
import { ensureViewerAccount } from '../graphql/viewer-account.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { Plan } from '../plans/plan.entity.js';
import { Price } from '../plans/price.entity.js';
import { CancelFeedback, cancelSubscription, type SubscriptionResult } from './cancel-subscription.js';
import { reactivateSubscription } from './reactivate-subscription.js';
import { SubscriptionItem } from './subscription-item.entity.js';
import { BillingSubscription } from './subscription.entity.js';
import { cancellationAt } from './subscription.js';

export enum CancelReason {
  REQUESTED = 'REQUESTED',
  PAYMENT_FAILED = 'PAYMENT_FAILED',
  PAYMENT_DISPUTED = 'PAYMENT_DISPUTED',
  RETENTION_POLICY = 'RETENTION_POLICY',
  OTHER = 'OTHER',
}

registerEnumType(CancelFeedback, {
  name: 'CancelFeedback',
  description: 'What the customer said about leaving.',
  valuesConfig: {
    TOO_EXPENSIVE: { description: 'Too expensive.' },
    MISSING_FEATURES: { description: 'Something is missing.' },
    SWITCHED_SERVICE: { description: 'Went elsewhere.' },
    UNUSED: { description: 'Did not use it.' },
    CUSTOMER_SERVICE: { description: 'Was not served well.' },
    TOO_COMPLEX: { description: 'Too complicated.' },
    LOW_QUALITY: { description: 'Not good enough.' },
    OTHER: { description: 'Something else.' },
  },
});
registerEnumType(CancelReason, {
  name: 'CancelReason',
  description: 'Why a subscription ends.',
  valuesConfig: {
    REQUESTED: { description: 'Somebody asked for it.' },
    PAYMENT_FAILED: { description: 'It was not paid.' },
    PAYMENT_DISPUTED: { description: 'A payment was disputed.' },
    RETENTION_POLICY: { description: "Stripe's retention policy." },
    OTHER: { description: 'Anything else.' },
  },
});

@ObjectType({ description: 'An end that is set.' })
export class Cancellation {
  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was asked for; null when Stripe does not say.' })
  requestedAt!: number | null;

  @Field(() => DateTimeScalar, { description: 'When it takes effect.' })
  effectiveAt!: number;

  @Field(() => CancelReason, { nullable: true, description: 'Why; null when Stripe does not say.' })
  reason!: CancelReason | null;

  @Field(() => CancelFeedback, { nullable: true, description: 'What the customer said; null when nothing.' })
  feedback!: CancelFeedback | null;

  @Field(() => String, { nullable: true, description: "The customer's own words; null when none." })
  comment!: string | null;

  @Field(() => Boolean, { description: 'True until it takes effect.' })
  canUndo!: boolean;
}

const reasons: Record<string, CancelReason> = {
  cancellation_requested: CancelReason.REQUESTED,
  payment_failed: CancelReason.PAYMENT_FAILED,
  payment_disputed: CancelReason.PAYMENT_DISPUTED,
  canceled_by_retention_policy: CancelReason.RETENTION_POLICY,
};

const toReason = (raw: string | null) => (raw === null ? null : (reasons[raw] ?? CancelReason.OTHER));
const toFeedback = (raw: string | null) =>
  raw === null ? null : (CancelFeedback[raw.toUpperCase() as keyof typeof CancelFeedback] ?? CancelFeedback.OTHER);

@InputType({ description: 'What to cancel, and why.' })
export class CancelSubscriptionInput {
  @Field(() => ID, { nullable: true, description: 'The main one when not given.' })
  subscription?: string | null;

  @Field(() => SafeIntScalar, { nullable: true, description: 'Refuse with CONFLICT when the account has moved on.' })
  expectedRevision?: number | null;

  @Field(() => CancelFeedback, { nullable: true, description: 'What the customer said about leaving.' })
  feedback?: CancelFeedback | null;

  @Field(() => String, { nullable: true, description: "The customer's own words, at most 500 characters." })
  comment?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The same key with the same input returns the first answer, for 24 hours.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Which subscription.' })
export class SubscriptionRefInput {
  @Field(() => ID, { nullable: true, description: 'The main one when not given.' })
  subscription?: string | null;

  @Field(() => SafeIntScalar, { nullable: true, description: 'Refuse with CONFLICT when the account has moved on.' })
  expectedRevision?: number | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The same key with the same input returns the first answer, for 24 hours.',
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'How it ended, and how things stand now.' })
export class SubscriptionPayload {
  @Field(() => Outcome, { description: 'How it ended.' })
  outcome!: Outcome;

  @Field(() => BillingSubscription, {
    nullable: true,
    description: 'The subscription as stored now; null when refused for want of one.',
  })
  subscription!: BillingSubscription | null;

  @Field(() => Account, { nullable: true, description: 'The account as stored now.' })
  account!: Account | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

@Resolver(() => BillingSubscription)
export class SubscriptionResolver {
  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, {
    description: 'Cancels at the end of the paid period. Nothing is refunded; access goes on until then.',
  })
  cancelSubscription(
    @Arg('input', () => CancelSubscriptionInput, { description: 'Which one, and why.' }) input: CancelSubscriptionInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    return answer(context, ({ id }) =>
      cancelSubscription(context.parts, {
        ...reference(input, id, context),
        feedback: input.feedback ?? null,
        comment: input.comment?.slice(0, 500) ?? null,
      }),
    );
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, { description: 'Takes back a cancellation that has not taken effect.' })
  reactivateSubscription(
    @Arg('input', () => SubscriptionRefInput, { description: 'Which one.' }) input: SubscriptionRefInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    return answer(context, ({ id }) => reactivateSubscription(context.parts, reference(input, id, context)));
  }

  @FieldResolver(() => Plan, {
    nullable: true,
    description: 'The plan it pays for; null while the price has never been known.',
  })
  async plan(@Root() { planKey }: BillingSubscription, @Ctx() { loaders }: Context): Promise<Plan | null> {
    return (await loaders.catalogue()).planByKey.get(planKey ?? '') ?? null;
  }

  @FieldResolver(() => Price, { nullable: true, description: 'Its price; null while the catalogue does not know it.' })
  async price(@Root() { priceId }: BillingSubscription, @Ctx() { loaders }: Context): Promise<Price | null> {
    return (await loaders.catalogue()).priceById.get(priceId) ?? null;
  }

  @FieldResolver(() => [SubscriptionItem], { description: 'All its parts.' })
  items(@Root() { id }: BillingSubscription, @Ctx() { loaders }: Context): Promise<SubscriptionItem[]> {
    return loaders.itemsOf.load(id);
  }

  @FieldResolver(() => Period, {
    nullable: true,
    description: 'The period that is paid for or being paid; null without one.',
  })
  currentPeriod(@Root() { currentPeriodStart, currentPeriodEnd }: BillingSubscription): Period | null {
    return currentPeriodStart === null || currentPeriodEnd === null
      ? null
      : new Period(currentPeriodStart, currentPeriodEnd);
  }

  @FieldResolver(() => Cancellation, { nullable: true, description: 'Set when it will end.' })
  cancellation(@Root() subscription: BillingSubscription): Cancellation | null {
    const effectiveAt = cancellationAt(subscription);
    if (effectiveAt === null) return null;
    return {
      effectiveAt,
      requestedAt: subscription.canceledAt,
      reason: toReason(subscription.cancellationReason),
      feedback: toFeedback(subscription.cancellationFeedback),
      comment: subscription.cancellationComment,
      canUndo: true,
    };
  }

  @FieldResolver(() => Invoice, { nullable: true, description: 'Its newest invoice; null before the first.' })
  latestInvoice(
    @Root() { latestInvoiceId }: BillingSubscription,
    @Ctx() { loaders }: Context,
  ): Promise<Invoice | null> | null {
    return latestInvoiceId === null ? null : loaders.invoice.load(latestInvoiceId);
  }

  @FieldResolver(() => AccessDecision, { description: 'What this subscription alone gives.' })
  async access(@Root() subscription: BillingSubscription, @Ctx() { loaders, parts }: Context): Promise<AccessDecision> {
    const { latestInvoiceId } = subscription;
    const latest = latestInvoiceId === null ? null : await loaders.invoice.load(latestInvoiceId);
    const decidedAt = parts.billing.now();
    return { ...decideAccess(subscription, latest, parts.config, decidedAt), decidedAt };
  }
}

const reference = (input: SubscriptionRefInput, accountId: string, { caller }: Context) => ({
  accountId,
  actor: caller?.subject ?? '',
  subscription: input.subscription ?? null,
  expectedRevision: input.expectedRevision ?? null,
  idempotencyKey: input.idempotencyKey ?? null,
});

/** Runs a verb and answers with the rows as they are stored afterwards. */
async function answer(
  context: Context,
  verb: (account: Account) => Promise<SubscriptionResult>,
): Promise<SubscriptionPayload> {
  const { loaders } = context;
  const account = await ensureViewerAccount(context);
  try {
    const { subscriptionId, outcome } = await verb(account);
    return {
      outcome: Outcome[outcome],
      subscription: await loaders.subscription.load(subscriptionId),
      account: await loaders.account.clear(account.id).load(account.id),
      userErrors: [],
    };
  } catch (thrown) {
    const userErrors = await toUserErrors(thrown, context);
    return {
      outcome: Outcome.REJECTED,
      subscription: null,
      account: await loaders.account.load(account.id),
      userErrors,
    };
  }
}

import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  InputType,
  Mutation,
  ObjectType,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { holds, Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { CancelFeedback, cancelSubscription } from './cancel-subscription.js';
import { ChangeTiming } from './classify-change.js';
import { reactivateSubscription } from './reactivate-subscription.js';
import { answer, reference, SubscriptionPayload, SubscriptionRefInput } from './subscription-payload.js';
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

  @Field(() => Boolean, {
    description:
      "Whether the customer can take it back, wherever it was made. False where a schedule made in Stripe's tools goes with it: then only an operator can.",
  })
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

@InputType({ description: 'What to cancel, when, and why.' })
export class CancelSubscriptionInput extends SubscriptionRefInput {
  @Field(() => ChangeTiming, {
    defaultValue: ChangeTiming.PERIOD_END,
    description:
      'NOW needs the role OPERATOR beside BILLING_ADMIN, unless a payment is overdue. An overdue subscription, and one that is paused without a date, always ends now.',
  })
  timing!: ChangeTiming;

  @Field(() => CancelFeedback, { nullable: true, description: 'What the customer said about leaving.' })
  feedback?: CancelFeedback | null;

  @Field(() => String, { nullable: true, description: "The customer's own words, at most 500 characters." })
  comment?: string | null;
}

@Resolver(() => BillingSubscription)
export class CancellationResolver {
  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, {
    description:
      'Cancels at the end of the paid period, or now. Nothing is refunded; until the end of the period access goes on. What was booked or waits for a payment is dropped first.',
  })
  cancelSubscription(
    @Arg('input', () => CancelSubscriptionInput, { description: 'Which one, when, and why.' })
    input: CancelSubscriptionInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    return answer(context, 'cancelSubscription', input, ({ id }) =>
      cancelSubscription(context.parts, {
        ...reference(input, id, context),
        now: input.timing === ChangeTiming.NOW,
        operator: holds(context.caller?.roles ?? [], Role.OPERATOR),
        feedback: input.feedback ?? null,
        comment: input.comment ?? null,
      }),
    );
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, { description: 'Takes back a cancellation that has not taken effect.' })
  reactivateSubscription(
    @Arg('input', () => SubscriptionRefInput, { description: 'Which one.' }) input: SubscriptionRefInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    return answer(context, 'reactivateSubscription', input, ({ id }) =>
      reactivateSubscription(context.parts, {
        ...reference(input, id, context),
        operator: holds(context.caller?.roles ?? [], Role.OPERATOR),
      }),
    );
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
      canUndo: subscription.schedule?.ours !== false,
    };
  }
}

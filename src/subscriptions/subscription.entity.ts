import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  BooleanColumn,
  IdColumn,
  IdKey,
  InstantColumn,
  IntegerColumn,
  JsonColumn,
  TextColumn,
} from '../database/columns.js';
import type { HeldDiscount } from '../checkout/promotion-code.js';
import { Node } from '../graphql/node.js';
import { DateTimeScalar, SafeIntScalar } from '../graphql/scalars.js';
import type { PauseState, PendingChangeState, ScheduleState, TrialEndBehaviorWord } from './pending-change.js';
import { CollectionMethod, SubscriptionStatus, type SubscriptionState } from './subscription.js';

registerEnumType(SubscriptionStatus, {
  name: 'SubscriptionStatus',
  description:
    "The gateway's own list. A value of Stripe's that the gateway does not know yet becomes UNRECOGNIZED and stays readable in `statusRaw`.",
  valuesConfig: {
    INCOMPLETE: { description: 'Waiting for its first payment.' },
    INCOMPLETE_EXPIRED: { description: 'The first payment never came; over.' },
    TRIALING: { description: 'In a free trial.' },
    ACTIVE: { description: 'In good standing.' },
    PAST_DUE: { description: 'A payment failed and is tried again.' },
    UNPAID: { description: 'All tries failed; Stripe collects no more.' },
    PAUSED: { description: 'On hold: no invoices, no new periods.' },
    CANCELED: { description: 'Over.' },
    UNRECOGNIZED: { description: 'A word the gateway does not know; see `statusRaw`.' },
  },
});
registerEnumType(CollectionMethod, {
  name: 'CollectionMethod',
  description: 'How invoices are paid.',
  valuesConfig: {
    AUTOMATIC: { description: 'The stored payment method is charged.' },
    SEND_INVOICE: { description: 'The customer pays an invoice that is sent.' },
    UNRECOGNIZED: { description: 'A way the gateway does not know yet.' },
  },
});

@ObjectType({
  implements: Node,
  description: 'The agreement to pay. Named so because `Subscription` is the GraphQL root type.',
})
@Entity('subscriptions')
@Index(['customerId'])
@Index(['accountId', 'createdAt'])
@Index(['priceId'])
export class BillingSubscription implements SubscriptionState {
  @IdKey()
  @Field(() => ID, { description: "Stripe's id (sub_…)." })
  id!: string;

  @IdColumn()
  customerId!: string;

  @IdColumn({ nullable: true })
  accountId!: string | null;

  @IdColumn()
  @Field(() => SubscriptionStatus, { description: 'Where it stands. Never derive access from it; ask `access`.' })
  status!: SubscriptionStatus;

  @IdColumn()
  @Field(() => String, { description: "Stripe's own word." })
  statusRaw!: string;

  @IdColumn()
  priceId!: string;

  @IdColumn({ nullable: true })
  planKey!: string | null;

  @BooleanColumn()
  @Field(() => Boolean, { description: 'The price is not in the catalogue; the last known plan stays in force.' })
  unmapped!: boolean;

  @IntegerColumn()
  @Field(() => Int, { description: 'Seats paid for.' })
  seats!: number;

  @IdColumn()
  currency!: string;

  @InstantColumn({ nullable: true })
  currentPeriodStart!: number | null;

  @InstantColumn({ nullable: true })
  currentPeriodEnd!: number | null;

  @InstantColumn()
  @Field(() => DateTimeScalar, { description: 'When it began.' })
  startedAt!: number;

  @InstantColumn({ nullable: true })
  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ended; null while it goes on.' })
  endedAt!: number | null;

  @InstantColumn({ nullable: true })
  trialStart!: number | null;

  @InstantColumn({ nullable: true })
  trialEnd!: number | null;

  @InstantColumn({ nullable: true })
  cancelAt!: number | null;

  @BooleanColumn()
  cancelAtPeriodEnd!: boolean;

  @InstantColumn({ nullable: true })
  canceledAt!: number | null;

  @IdColumn({ nullable: true })
  cancellationReason!: string | null;

  @IdColumn({ nullable: true })
  cancellationFeedback!: string | null;

  @TextColumn({ nullable: true })
  cancellationComment!: string | null;

  @IdColumn({ nullable: true })
  latestInvoiceId!: string | null;

  @IdColumn({ nullable: true })
  unpaidChangeId!: string | null;

  @IdColumn({ nullable: true })
  defaultPaymentMethodId!: string | null;

  @IdColumn()
  @Field(() => CollectionMethod, { description: 'How its invoices are paid.' })
  collection!: CollectionMethod;

  @IdColumn({ nullable: true })
  billingMode!: string | null;

  @JsonColumn({ nullable: true })
  schedule!: ScheduleState | null;

  @JsonColumn({ nullable: true })
  pendingChange!: PendingChangeState | null;

  @JsonColumn({ nullable: true })
  pause!: PauseState | null;

  @JsonColumn({ nullable: true })
  discounts!: HeldDiscount[] | null;

  @IdColumn({ nullable: true })
  trialEndBehavior!: TrialEndBehaviorWord | null;

  @InstantColumn({ nullable: true })
  lastPaymentAt!: number | null;

  @IntegerColumn({ nullable: true })
  lastPaymentAmount!: number | null;

  @InstantColumn({ nullable: true })
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When a payment was tried last, whatever came of it; null before the first try.',
  })
  lastPaymentAttemptAt!: number | null;

  @InstantColumn()
  createdAt!: number;

  @InstantColumn()
  @Field(() => DateTimeScalar, { description: 'When the stored copy was last confirmed against Stripe.' })
  syncedAt!: number;

  /** Revision of its account at its last change: what the API shows as the subscription's own version. */
  @IntegerColumn()
  @Field(() => SafeIntScalar, { description: "The account's revision at this subscription's last change." })
  revision!: number;
}

import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Remedy } from '../access/access.js';
import { Money } from '../graphql/money.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { InvoiceLine } from '../invoices/invoice.resolver.js';
import { PaymentMethod } from '../payments/payment-method.entity.js';
import { Feature } from '../plans/feature.resolver.js';
import { Plan } from '../plans/plan.entity.js';
import { Price } from '../plans/price.entity.js';
import { BoughtAddOn } from './bought-add-on.js';
import { ChangeKind, ChangeTiming } from './classify-change.js';
import { ChangeNoticeCode, DiffDirection } from './judge-change.js';
import type { ShownChange } from './preview-change.js';

registerEnumType(ChangeKind, {
  name: 'ChangeKind',
  description: 'What a change is, seen from the plan ladder.',
  valuesConfig: {
    NEW: { description: 'A first subscription.' },
    UPGRADE: { description: 'To a plan that ranks higher.' },
    DOWNGRADE: { description: 'To a plan that ranks lower, or to the free one.' },
    INTERVAL_CHANGE: { description: 'The same plan, paid for more or less often.' },
    SEATS_ONLY: {
      description: 'The same plan with more or fewer seats or add-ons; the fields of both sides say which.',
    },
    CROSSGRADE: { description: 'To another plan of the same rank, or to another price of the same plan.' },
    REACTIVATION: { description: 'Takes back a cancellation or a change that has not happened yet.' },
    NO_OP: { description: 'Nothing would change.' },
  },
});
registerEnumType(ChangeTiming, {
  name: 'ChangeTiming',
  description: 'When a change takes effect.',
  valuesConfig: {
    NOW: { description: 'At once.' },
    PERIOD_END: { description: 'At the end of the period that is paid for.' },
  },
});
registerEnumType(ChangeNoticeCode, {
  name: 'ChangeNoticeCode',
  description: 'What a notice or a blocker is about. Values may be added; treat an unknown one as OTHER.',
  valuesConfig: {
    FEATURE_LOST: { description: 'A feature is lost, or its limit is lowered.' },
    USAGE_ABOVE_NEW_LIMIT: { description: 'More is used than the new plan grants.' },
    SEATS_ABOVE_NEW_LIMIT: { description: 'The new plan is not sold with as many seats.' },
    SEATS_DO_NOT_FIT: { description: 'The new plan is not sold with as few seats, or in these steps.' },
    TRIAL_WILL_END: { description: 'The trial goes on, and what it costs after its end changes.' },
    PENDING_CHANGE_REPLACED: { description: 'A change that is booked or waits is dropped first.' },
    CURRENCY_LOCKED: { description: 'A subscription keeps its currency.' },
    PAYMENT_METHOD_REQUIRED: { description: 'There is nothing to charge.' },
    PAYMENT_OVERDUE: { description: 'An earlier payment comes first.' },
    SUBSCRIPTION_PAUSED: { description: 'The subscription is paused; resuming it comes first.' },
    UNMAPPED_PRICE: { description: 'The present price is not in the catalogue.' },
    DISCOUNT_WILL_END: {
      description: 'A discount is for one invoice only, or ends within the first whole period after the change.',
    },
    PLAN_NOT_ON_SALE: { description: 'The present plan or price is sold no more, so there is no way back.' },
    CANCELLATION_PENDING: { description: 'A cancellation stands and is taken back first.' },
    OTHER: { description: 'Anything else; the message says it.' },
  },
});
registerEnumType(DiffDirection, {
  name: 'DiffDirection',
  description: 'What becomes of a feature.',
  valuesConfig: {
    GAINED: { description: 'It is new.' },
    RAISED: { description: 'There is more of it.' },
    SAME: { description: 'It stays.' },
    LOWERED: { description: 'There is less of it.' },
    LOST: { description: 'It is gone.' },
  },
});

@ObjectType({ description: 'Something to tell the customer, or what stands in the way.' })
export class ChangeNotice {
  @Field(() => ChangeNoticeCode, { description: 'What it is about.' })
  code!: ChangeNoticeCode;

  @Field(() => String, { description: 'One sentence fit to show.' })
  message!: string;

  @Field(() => Feature, { nullable: true, description: 'The feature that it is about; null when it is about none.' })
  feature!: Feature | null;

  @Field(() => Remedy, { description: 'What would help.' })
  remedy!: Remedy;
}

@ObjectType({ description: 'A feature before and after a change.' })
export class FeatureDiff {
  @Field(() => Feature, { description: 'Which feature.' })
  feature!: Feature;

  @Field(() => String, { nullable: true, description: 'As it is granted now; null when it is not.' })
  before!: string | null;

  @Field(() => String, { nullable: true, description: 'As it is granted after; null when it is not.' })
  after!: string | null;

  @Field(() => DiffDirection, { description: 'What becomes of it.' })
  direction!: DiffDirection;
}

const CARRIED_OVER =
  'What the account owes from earlier invoices and pays along; negative for what is too little to be charged and waits for the next invoice; else zero.';

@ObjectType({ description: 'An invoice that would be made, with the amounts as Stripe works them out.' })
export class InvoicePreview {
  @Field(() => DateTimeScalar, { description: 'When it would be made.' })
  date!: number;

  @Field(() => [InvoiceLine], { description: 'Its lines.' })
  lines!: InvoiceLine[];

  @Field(() => Money, { description: 'Sum of the lines.' })
  subtotal!: Money;

  @Field(() => Money, { description: 'What discounts take off.' })
  discount!: Money;

  @Field(() => Money, { nullable: true, description: 'Tax; null when none is computed.' })
  tax!: Money | null;

  @Field(() => Money, { description: 'What it comes to, with discounts and tax.' })
  total!: Money;

  @Field(() => Money, { description: 'Credit of the account that is used up.' })
  creditApplied!: Money;

  @Field(() => Money, { description: CARRIED_OVER })
  carriedOver!: Money;

  @Field(() => Money, { description: 'What would be charged.' })
  amountDue!: Money;
}

@ObjectType({
  description:
    'The exact result of a change before it is made. `token` is signed and carries the moment used for proration: pass it to `changePlan` and the customer pays what was shown, or gets PREVIEW_OUTDATED with a new preview.',
})
export class ChangePreview {
  /** What the fields are made from; `nextInvoice` may ask Stripe once more. */
  shown!: ShownChange;

  @Field(() => String, { description: 'Signed; what `changePlan` takes.' })
  token!: string;

  @Field(() => DateTimeScalar, {
    description:
      "Until when the token is taken, by the wall clock; moving the sandbox's clock by ten minutes outdates it as well.",
  })
  expiresAt!: number;

  @Field(() => ChangeKind, { description: 'What it is, seen from the plan ladder.' })
  kind!: ChangeKind;

  @Field(() => ChangeTiming, { description: 'When it takes effect, in a word.' })
  timing!: ChangeTiming;

  @Field(() => DateTimeScalar, { description: 'When it takes effect.' })
  effectiveAt!: number;

  @Field(() => Boolean, { description: 'False when blockers is not empty; then no amounts are worked out.' })
  allowed!: boolean;

  @Field(() => [ChangeNotice], { description: 'Why it cannot be done; empty when it can.' })
  blockers!: ChangeNotice[];

  @Field(() => [ChangeNotice], { description: 'Things to tell the customer, such as features lost.' })
  notices!: ChangeNotice[];

  @Field(() => Plan, { nullable: true, description: 'The plan before; null while its price has never been known.' })
  fromPlan!: Plan | null;

  @Field(() => Price, { nullable: true, description: 'The price before; null while the catalogue does not know it.' })
  fromPrice!: Price | null;

  @Field(() => Plan, { description: 'The plan after.' })
  toPlan!: Plan;

  @Field(() => Price, { nullable: true, description: 'The price after; null for the free plan.' })
  toPrice!: Price | null;

  @Field(() => Int, { nullable: true, description: 'Seats before.' })
  fromSeats!: number | null;

  @Field(() => Int, { description: 'Seats after.' })
  toSeats!: number;

  @Field(() => [BoughtAddOn], { description: 'What is bought on top before.' })
  fromAddOns!: BoughtAddOn[];

  @Field(() => [BoughtAddOn], { description: 'What is bought on top after.' })
  toAddOns!: BoughtAddOn[];

  @Field(() => [InvoiceLine], { description: 'Lines of the invoice made now; empty when nothing is charged now.' })
  lines!: InvoiceLine[];

  @Field(() => Money, { description: 'Sum of those lines.' })
  subtotal!: Money;

  @Field(() => Money, { description: 'What discounts take off now.' })
  discount!: Money;

  @Field(() => Money, { nullable: true, description: 'Tax now; null when none is computed.' })
  tax!: Money | null;

  @Field(() => Money, { description: 'Credit of the account used up now.' })
  creditApplied!: Money;

  @Field(() => Money, { description: CARRIED_OVER })
  carriedOver!: Money;

  @Field(() => Money, { description: 'What is charged now.' })
  amountDueNow!: Money;

  @Field(() => Money, { description: 'Credit left over for later invoices; it is never paid out.' })
  creditGranted!: Money;

  @Field(() => Money, {
    nullable: true,
    description: 'What a period costs before; null where a price has no one amount per unit.',
  })
  recurringBefore!: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: 'What a period costs after, before tax and discounts; null where a price has no one amount per unit.',
  })
  recurringAfter!: Money | null;

  @Field(() => [FeatureDiff], { description: 'What becomes of every feature of either plan.' })
  features!: FeatureDiff[];

  @Field(() => PaymentMethod, { nullable: true, description: 'What would be charged; null when there is none.' })
  paymentMethod!: PaymentMethod | null;

  @Field(() => String, { description: "One plain sentence fit for the confirm button's caption." })
  summary!: string;
}

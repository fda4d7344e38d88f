import { Field, ID, InputType, Int } from 'type-graphql';
import { CurrencyCodeScalar, UrlScalar } from '../graphql/scalars.js';
import { IDEMPOTENCY_KEY } from '../graphql/user-errors.js';
import { OfAccount } from '../graphql/viewer-account.js';
import { BillingInterval } from '../plans/plan.js';
import { CheckoutUi } from './checkout-session.js';
import type { PurchaseAsked } from './purchase.js';

@InputType({ description: 'An add-on, and how many of it.' })
export class AddOnInput {
  @Field(() => String, { description: 'Key of the add-on.' })
  addOn!: string;

  @Field(() => Int, { defaultValue: 1, description: 'How many.' })
  quantity!: number;
}

@InputType()
class PurchaseInput extends OfAccount {
  @Field(() => String, { description: 'Plan key, such as team.' })
  plan!: string;

  @Field(() => BillingInterval, { description: 'How often to pay.' })
  interval!: BillingInterval;

  @Field(() => CurrencyCodeScalar, {
    nullable: true,
    description: "The account's own when not given, or else the gateway's default.",
  })
  currency?: string | null;

  @Field(() => Int, { nullable: true, description: 'The fewest the plan is sold with when not given.' })
  seats?: number | null;

  @Field(() => [AddOnInput], { nullable: true, description: 'What to buy on top.' })
  addOns?: AddOnInput[] | null;

  @Field(() => Boolean, {
    defaultValue: true,
    description: "Take the plan's trial when the account has not used one.",
  })
  trial!: boolean;

  @Field(() => String, { nullable: true, description: 'A code to apply; it is checked first.' })
  promotionCode?: string | null;

  @Field(IDEMPOTENCY_KEY.type, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@InputType({ description: 'What to buy, and where to come back to.' })
export class CreateCheckoutSessionInput extends PurchaseInput {
  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Whether the page takes a promotion code; not used when one is given here.',
  })
  allowPromotionCodes!: boolean;

  @Field(() => CheckoutUi, { defaultValue: CheckoutUi.HOSTED, description: 'Where the customer pays.' })
  ui!: CheckoutUi;

  @Field(() => UrlScalar, {
    nullable: true,
    description:
      'For HOSTED: where to go after paying; must be on the allow-list. {CHECKOUT_SESSION_ID} is replaced. A page of the gateway when not given.',
  })
  successUrl?: string | null;

  @Field(() => UrlScalar, {
    nullable: true,
    description: 'For HOSTED: where to go when giving up; must be on the allow-list.',
  })
  cancelUrl?: string | null;

  @Field(() => UrlScalar, {
    nullable: true,
    description: 'For EMBEDDED and ELEMENTS: where to go after paying; must be on the allow-list.',
  })
  returnUrl?: string | null;
}

@InputType({ description: 'What to start, and what to charge.' })
export class StartSubscriptionInput extends PurchaseInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'A stored one of the account; its default when not given. Without any, the browser confirms the payment.',
  })
  paymentMethod?: string | null;
}

@InputType({ description: 'Which code, and where.' })
export class ApplyPromotionCodeInput extends OfAccount {
  @Field(() => ID, { nullable: true, description: 'The main subscription when not given.' })
  subscription?: string | null;

  @Field(() => String, { description: 'The code as the customer typed it.' })
  code!: string;

  @Field(IDEMPOTENCY_KEY.type, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

/** Null for what was not given. */
export const toAddOns = (addOns: readonly AddOnInput[] | null | undefined) =>
  addOns?.map(({ addOn, quantity }) => ({ addOn, quantity: quantity ?? 1 })) ?? null;

export const toPurchase = (input: PurchaseInput): PurchaseAsked => ({
  plan: input.plan,
  interval: input.interval,
  currency: input.currency ?? null,
  seats: input.seats ?? null,
  addOns: toAddOns(input.addOns) ?? [],
  trial: input.trial ?? true,
});

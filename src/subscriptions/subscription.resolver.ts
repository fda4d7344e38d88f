import { Ctx, Field, FieldResolver, Int, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { AccessLevel, decideAccess, graceEndsAt } from '../access/access.js';
import { AccessDecision } from '../access/access-decision.js';
import { Account } from '../accounts/account.entity.js';
import { Discount, toDiscountType } from '../checkout/promotion-code.resolver.js';
import type { Context } from '../graphql/context.js';
import { Money, Period } from '../graphql/money.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { defaultMethodId } from '../payments/payment-method.js';
import { Plan } from '../plans/plan.entity.js';
import { isReplaced } from '../plans/plan.js';
import { Price } from '../plans/price.entity.js';
import { priceIn, recurringAmount } from './recurring-amount.js';
import { SubscriptionItem } from './subscription-item.entity.js';
import { BillingSubscription } from './subscription.entity.js';
import { SubscriptionStatus } from './subscription.js';

export enum TrialEndBehavior {
  CHARGE = 'CHARGE',
  PAUSE = 'PAUSE',
  CANCEL = 'CANCEL',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

registerEnumType(TrialEndBehavior, {
  name: 'TrialEndBehavior',
  description: 'What happens when a trial ends and there is no card.',
  valuesConfig: {
    CHARGE: { description: 'An invoice is made; unpaid, the subscription is past due.' },
    PAUSE: { description: 'The subscription is paused until there is a card.' },
    CANCEL: { description: 'The subscription ends.' },
    UNRECOGNIZED: { description: 'A way the gateway does not know yet.' },
  },
});

@ObjectType({ description: 'A free trial that is under way.' })
export class Trial {
  @Field(() => Period, { description: 'From its first moment to its end.' })
  period!: Period;

  @Field(() => Int, { description: 'Days that are left, counting the one that has begun.' })
  daysLeft!: number;

  @Field(() => TrialEndBehavior, { description: 'What happens at the end without a card.' })
  endBehavior!: TrialEndBehavior;
}

@ObjectType({ description: 'The time that an overdue payment may take before access changes.' })
export class GracePeriod {
  @Field(() => DateTimeScalar, { description: 'When the invoice was due.' })
  startedAt!: number;

  @Field(() => DateTimeScalar, { description: 'When access changes if nothing is paid.' })
  endsAt!: number;

  @Field(() => AccessLevel, { description: 'How much may be used until then.' })
  levelDuring!: AccessLevel;

  @Field(() => AccessLevel, { description: 'How much may be used after that.' })
  levelAfter!: AccessLevel;

  @Field(() => Int, { description: 'How often a payment was tried.' })
  failedAttempts!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When Stripe tries next; null when it will not.' })
  nextRetryAt!: number | null;

  @Field(() => Invoice, { description: 'What is overdue.' })
  invoice!: Invoice;
}

const DAY = 86_400_000;

@Resolver(() => BillingSubscription)
export class SubscriptionResolver {
  @FieldResolver(() => Plan, {
    nullable: true,
    description: 'The plan it pays for; null while the price has never been known.',
  })
  async plan(@Root() { planKey }: BillingSubscription, @Ctx() { loaders }: Context): Promise<Plan | null> {
    return (await loaders.catalogue()).planByKey.get(planKey ?? '') ?? null;
  }

  @FieldResolver(() => Price, { nullable: true, description: 'Its price; null while the catalogue does not know it.' })
  async price(@Root() subscription: BillingSubscription, @Ctx() { loaders }: Context): Promise<Price | null> {
    return priceIn(await loaders.catalogue(), subscription.priceId, subscription.currency);
  }

  @FieldResolver(() => Account, { nullable: true, description: 'Who pays for it; null while nobody is known to.' })
  account(@Root() { accountId }: BillingSubscription, @Ctx() { loaders }: Context): Promise<Account | null> | null {
    return accountId === null ? null : loaders.account.load(accountId);
  }

  @FieldResolver(() => [Discount], {
    description: 'What is taken off its invoices; where it is empty, the discounts of the account hold.',
  })
  discounts(@Root() { discounts }: BillingSubscription): Discount[] {
    return (discounts ?? []).map(toDiscountType);
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

  @FieldResolver(() => Invoice, { nullable: true, description: 'Its newest invoice; null before the first.' })
  latestInvoice(
    @Root() { latestInvoiceId }: BillingSubscription,
    @Ctx() { loaders }: Context,
  ): Promise<Invoice | null> | null {
    return latestInvoiceId === null ? null : loaders.invoice.load(latestInvoiceId);
  }

  @FieldResolver(() => AccessDecision, { description: 'What this subscription alone gives.' })
  async access(@Root() subscription: BillingSubscription, @Ctx() { loaders, parts }: Context): Promise<AccessDecision> {
    const { latestInvoiceId, accountId } = subscription;
    const latest = latestInvoiceId === null ? null : await loaders.invoice.load(latestInvoiceId);
    const account = accountId === null ? null : await loaders.account.load(accountId);
    const canPay = account !== null && defaultMethodId(account, subscription) !== null;
    const decidedAt = parts.billing.now();
    return { ...decideAccess(subscription, latest, parts.config, decidedAt, canPay), decidedAt };
  }

  @FieldResolver(() => Boolean, {
    description: 'Kept although the plan or the price is no longer sold, or others pay another price by now.',
  })
  async grandfathered(@Root() subscription: BillingSubscription, @Ctx() { loaders }: Context): Promise<boolean> {
    const catalogue = await loaders.catalogue();
    if (catalogue.planByKey.get(subscription.planKey ?? '')?.archived) return true;
    const price = priceIn(catalogue, subscription.priceId, subscription.currency);
    return price !== null && isReplaced(price, catalogue.prices);
  }

  @FieldResolver(() => Money, {
    nullable: true,
    description:
      'What it costs per interval before tax and discounts; null where the price has no one amount per unit.',
  })
  async recurring(@Root() subscription: BillingSubscription, @Ctx() { loaders }: Context): Promise<Money | null> {
    const { id, currency } = subscription;
    const amount = recurringAmount(await loaders.itemsOf.load(id), currency, await loaders.catalogue());
    return amount === null ? null : new Money(amount, currency);
  }

  @FieldResolver(() => Trial, { nullable: true, description: 'Set while it is in a free trial.' })
  trial(@Root() subscription: BillingSubscription, @Ctx() { parts }: Context): Trial | null {
    const { status, trialStart, trialEnd, trialEndBehavior } = subscription;
    if (status !== SubscriptionStatus.TRIALING || trialStart === null || trialEnd === null) return null;
    return {
      period: new Period(trialStart, trialEnd),
      daysLeft: Math.max(0, Math.ceil((trialEnd - parts.billing.now()) / DAY)),
      endBehavior: TrialEndBehavior[trialEndBehavior ?? 'UNRECOGNIZED'],
    };
  }

  @FieldResolver(() => GracePeriod, {
    nullable: true,
    description: 'Set while a payment is overdue and access is still given.',
  })
  async grace(
    @Root() subscription: BillingSubscription,
    @Ctx() { loaders, parts }: Context,
  ): Promise<GracePeriod | null> {
    const { latestInvoiceId } = subscription;
    const invoice = latestInvoiceId === null ? null : await loaders.invoice.load(latestInvoiceId);
    const during = decideAccess(subscription, invoice, parts.config, parts.billing.now());
    const endsAt = during.until ?? graceEndsAt(subscription, invoice, parts.config);
    if (!invoice || during.rule !== 'past-due-in-grace' || endsAt === null) return null;
    return {
      startedAt: invoice.finalizedAt ?? invoice.createdAt,
      endsAt,
      levelDuring: during.level,
      levelAfter: decideAccess(subscription, invoice, parts.config, endsAt).level,
      failedAttempts: invoice.attemptCount,
      nextRetryAt: invoice.nextAttemptAt,
      invoice,
    };
  }
}

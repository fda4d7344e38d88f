import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { Money } from '../graphql/money.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { isDecidingDraft } from '../invoices/deciding-draft.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { InvoiceStatus } from '../invoices/invoice.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { payableUntil, PaymentActionKind } from './invoice-payment.js';
import { PaymentAction } from './payment-action.js';
import { PaymentMethod } from './payment-method.entity.js';

@ObjectType({ description: 'One try to charge an invoice.' })
export class PaymentAttempt {
  @Field(() => DateTimeScalar, { description: 'When it was tried.' })
  at!: number;

  @Field(() => Boolean, { description: 'Whether the money came in; false also while a bank debit is under way.' })
  succeeded!: boolean;

  @Field(() => Money, { description: 'What was to be charged.' })
  amount!: Money;

  @Field(() => String, {
    nullable: true,
    description: "The bank's reason in Stripe's words, such as insufficient_funds; null when it did not refuse.",
  })
  declineCode!: string | null;

  @Field(() => String, { nullable: true, description: 'What Stripe says about it; null when the bank did not refuse.' })
  message!: string | null;
}

@ObjectType({ description: 'Money that came in.' })
export class LastPayment {
  @Field(() => DateTimeScalar, { description: 'When the invoice was paid.' })
  at!: number;

  @Field(() => Money, { description: 'How much was paid; credit that was used up does not count.' })
  amount!: Money;
}

/** What is stored says what is to be done; the secret to do it with is only in the answer of the mutation that led here. */
async function actionOf({ loaders }: Context, invoice: Invoice | null): Promise<PaymentAction | null> {
  if (!invoice || !mayWait(invoice)) return null;
  const { id, accountId, hostedUrl } = invoice;
  const held = accountId === null ? [] : await loaders.subscriptionsOf.load(accountId);
  const subscription = held.find(({ latestInvoiceId }) => latestInvoiceId === id) ?? null;
  const kind = kindOf(invoice, subscription);
  const expiresAt = payableUntil(id, subscription);
  return kind && { kind, clientSecret: null, hostedUrl, expiresAt, invoice };
}

const mayWait = ({ status }: Invoice) => status === InvoiceStatus.OPEN || status === InvoiceStatus.DRAFT;

function kindOf(invoice: Invoice, subscription: BillingSubscription | null): PaymentActionKind | null {
  if (isDecidingDraft(invoice, subscription)) return PaymentActionKind.NEW_PAYMENT_METHOD;
  if (invoice.status !== InvoiceStatus.OPEN) return null;
  return invoice.paymentAction ?? (invoice.dueAt === null ? null : PaymentActionKind.PAY_HOSTED_INVOICE);
}

@Resolver(() => Invoice)
export class InvoicePaymentResolver {
  @FieldResolver(() => PaymentMethod, {
    nullable: true,
    description: 'What it was charged to last; null before the first charge, and when that method is gone.',
  })
  async paymentMethod(
    @Root() { accountId, paymentMethodId }: Invoice,
    @Ctx() { loaders }: Context,
  ): Promise<PaymentMethod | null> {
    if (accountId === null || paymentMethodId === null) return null;
    return (await loaders.paymentMethodsOf.load(accountId)).find(({ id }) => id === paymentMethodId) ?? null;
  }

  @FieldResolver(() => [PaymentAttempt], {
    description: 'How often it was charged and what came of it, oldest first. What was paid elsewhere is not here.',
  })
  paymentAttempts(@Root() { paymentAttempts, currency }: Invoice): PaymentAttempt[] {
    return (paymentAttempts ?? []).map(({ amount, ...attempt }) => ({
      ...attempt,
      amount: new Money(amount, currency),
    }));
  }

  @FieldResolver(() => PaymentAction, {
    nullable: true,
    description: 'What the customer must do before it can be paid; null when nothing.',
  })
  paymentAction(@Root() invoice: Invoice, @Ctx() context: Context): Promise<PaymentAction | null> {
    return actionOf(context, invoice);
  }
}

@Resolver(() => BillingSubscription)
export class SubscriptionPaymentResolver {
  @FieldResolver(() => LastPayment, {
    nullable: true,
    description: 'The last invoice of it that money came in for; null before the first.',
  })
  lastPayment(@Root() { lastPaymentAt, lastPaymentAmount, currency }: BillingSubscription): LastPayment | null {
    if (lastPaymentAt === null || lastPaymentAmount === null) return null;
    return { at: lastPaymentAt, amount: new Money(lastPaymentAmount, currency) };
  }

  @FieldResolver(() => PaymentAction, {
    nullable: true,
    description:
      'What the customer must do for the newest invoice to be paid, also while it is the draft of a subscription that is UNPAID; null when nothing.',
  })
  async paymentAction(
    @Root() { latestInvoiceId }: BillingSubscription,
    @Ctx() context: Context,
  ): Promise<PaymentAction | null> {
    return actionOf(context, latestInvoiceId === null ? null : await context.loaders.invoice.load(latestInvoiceId));
  }
}

import type Stripe from 'stripe';
import { Authorized, Field, ObjectType, registerEnumType } from 'type-graphql';
import { Role } from '../auth/roles.js';
import { DateTimeScalar, UrlScalar } from '../graphql/scalars.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { idOf } from '../stripe/objects.js';
import { PaymentActionKind } from './invoice-payment.js';

registerEnumType(PaymentActionKind, {
  name: 'PaymentActionKind',
  description: 'What sort of thing the customer must do.',
  valuesConfig: {
    CONFIRM_PAYMENT: { description: 'The bank asks her to confirm the payment (3-D Secure).' },
    CONFIRM_SETUP: { description: 'The bank asks her to confirm the card before it can be stored.' },
    NEW_PAYMENT_METHOD: { description: 'The stored way to pay was refused; another one is needed.' },
    PAY_HOSTED_INVOICE: { description: "Pay on Stripe's page." },
    UNRECOGNIZED: { description: 'Something the gateway does not know yet; the hosted page knows.' },
  },
});

@ObjectType({ description: 'What the browser must do to finish a payment.' })
export class PaymentAction {
  @Field(() => PaymentActionKind, { description: 'What sort of thing.' })
  kind!: PaymentActionKind;

  @Authorized(Role.BILLING_ADMIN)
  @Field(() => String, {
    nullable: true,
    description: 'For Stripe.js. Given only in the answer of the mutation that led here; null where a page is used.',
  })
  clientSecret!: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Page where it can be done without any script.' })
  hostedUrl!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Until when it can be done; null when there is no end set.',
  })
  expiresAt!: number | null;

  @Field(() => Invoice, { nullable: true, description: 'What is to be paid; null when it is no invoice.' })
  invoice!: Invoice | null;
}

const INTENT = 'payments.data.payment.payment_intent';

/** What Stripe knows of a payment that did not go through: how it stands, and the secret to go on with. One call. */
export async function readPaymentState(
  stripe: Stripe,
  invoiceId: string,
): Promise<Pick<PaymentAction, 'kind' | 'clientSecret' | 'hostedUrl'>> {
  const raw = await stripe.invoices.retrieve(invoiceId, { expand: ['confirmation_secret', INTENT] });
  const intents = (raw.payments?.data ?? []).flatMap(({ payment }) =>
    payment.payment_intent && typeof payment.payment_intent === 'object' ? [payment.payment_intent] : [],
  );
  return {
    kind: kindOf(intents.at(-1)),
    clientSecret: raw.confirmation_secret?.client_secret ?? null,
    hostedUrl: raw.hosted_invoice_url ?? null,
  };
}

function kindOf(intent: Stripe.PaymentIntent | undefined): PaymentActionKind {
  if (intent?.status === 'requires_action' || intent?.status === 'requires_confirmation')
    return PaymentActionKind.CONFIRM_PAYMENT;
  if (intent?.status === 'requires_payment_method' || idOf(intent?.payment_method) === null)
    return PaymentActionKind.NEW_PAYMENT_METHOD;
  return PaymentActionKind.PAY_HOSTED_INVOICE;
}

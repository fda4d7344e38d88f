import { Authorized, Field, ObjectType, registerEnumType } from 'type-graphql';
import { Role } from '../auth/roles.js';
import { UrlScalar } from '../graphql/scalars.js';
import { Invoice } from '../invoices/invoice.entity.js';

export enum PaymentActionKind {
  CONFIRM_PAYMENT = 'CONFIRM_PAYMENT',
  CONFIRM_SETUP = 'CONFIRM_SETUP',
  NEW_PAYMENT_METHOD = 'NEW_PAYMENT_METHOD',
  PAY_HOSTED_INVOICE = 'PAY_HOSTED_INVOICE',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

registerEnumType(PaymentActionKind, {
  name: 'PaymentActionKind',
  description: 'What the customer must do.',
  valuesConfig: {
    CONFIRM_PAYMENT: {
      description: 'Confirm the payment with the bank: by Stripe.js and `clientSecret`, or on `hostedUrl`.',
    },
    CONFIRM_SETUP: { description: 'Confirm with the bank that the card may be kept.' },
    NEW_PAYMENT_METHOD: { description: 'Give another payment method.' },
    PAY_HOSTED_INVOICE: { description: 'Pay on the page behind `hostedUrl`.' },
    UNRECOGNIZED: { description: 'Something the gateway does not know yet; `hostedUrl` is the safe way.' },
  },
});

@ObjectType({ description: 'What the browser must do to finish a payment.' })
export class PaymentAction {
  @Field(() => PaymentActionKind, { description: 'What the customer must do.' })
  kind!: PaymentActionKind;

  @Authorized(Role.BILLING_ADMIN)
  @Field(() => String, {
    nullable: true,
    description: 'For Stripe.js; null when a page of Stripe is used. Never stored.',
  })
  clientSecret!: string | null;

  @Field(() => String, { nullable: true, description: 'For Stripe.js; null when the gateway was given none.' })
  publishableKey!: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Page where it can be done without any script.' })
  hostedUrl!: string | null;

  @Field(() => Invoice, { nullable: true, description: 'The invoice that is to be paid.' })
  invoice!: Invoice | null;
}

import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  ExternalIdColumn,
  IdColumn,
  IdKey,
  InstantColumn,
  IntegerColumn,
  JsonColumn,
  TextColumn,
} from '../database/columns.js';
import { Node } from '../graphql/node.js';
import { DateTimeScalar, SafeIntScalar, UrlScalar } from '../graphql/scalars.js';
import type { PaymentActionKind, PaymentAttemptState } from '../payments/invoice-payment.js';
import { InvoiceReason, InvoiceStatus, type InvoiceLineState, type InvoiceState } from './invoice.js';

registerEnumType(InvoiceStatus, {
  name: 'InvoiceStatus',
  description: 'Where an invoice stands.',
  valuesConfig: {
    DRAFT: { description: 'Not final; may still change.' },
    OPEN: { description: 'Final and waiting for payment.' },
    PAID: { description: 'Paid.' },
    UNCOLLECTIBLE: { description: 'Given up, but still payable.' },
    VOID: { description: 'Taken back; nothing is due.' },
    UNRECOGNIZED: { description: 'A word the gateway does not know; see `statusRaw`.' },
  },
});
registerEnumType(InvoiceReason, {
  name: 'InvoiceReason',
  description: 'Why an invoice was made.',
  valuesConfig: {
    SUBSCRIPTION_START: { description: 'The first of a subscription.' },
    SUBSCRIPTION_RENEWAL: { description: 'A new period began.' },
    SUBSCRIPTION_CHANGE: { description: 'A change in mid-period.' },
    THRESHOLD: { description: 'Use passed a threshold.' },
    MANUAL: { description: 'Made by hand.' },
    OTHER: { description: 'Anything else.' },
  },
});

@ObjectType({ implements: Node, description: 'What was asked for, and what was paid.' })
@Entity('invoices')
@Index(['customerId'])
@Index(['accountId', 'createdAt', 'number', 'id'])
@Index(['subscriptionId'])
export class Invoice implements InvoiceState {
  @IdKey()
  @Field(() => ID, { description: "Stripe's id (in_…)." })
  id!: string;

  @IdColumn()
  customerId!: string;

  @IdColumn({ nullable: true })
  accountId!: string | null;

  @IdColumn({ nullable: true })
  subscriptionId!: string | null;

  @ExternalIdColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'Number printed on it; null while it is a draft.' })
  number!: string | null;

  @IdColumn()
  @Field(() => InvoiceStatus, { description: 'Where it stands.' })
  status!: InvoiceStatus;

  @IdColumn()
  @Field(() => String, { description: "Stripe's own word." })
  statusRaw!: string;

  @IdColumn()
  @Field(() => InvoiceReason, { description: 'Why it was made.' })
  reason!: InvoiceReason;

  @IdColumn()
  currency!: string;

  @IntegerColumn()
  subtotal!: number;

  @IntegerColumn()
  discount!: number;

  @IntegerColumn({ nullable: true })
  tax!: number | null;

  @IntegerColumn()
  total!: number;

  @IntegerColumn()
  amountPaid!: number;

  @IntegerColumn()
  amountDue!: number;

  @InstantColumn()
  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: number;

  @InstantColumn({ nullable: true })
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it must be paid; null when it is charged by itself.',
  })
  dueAt!: number | null;

  @InstantColumn({ nullable: true })
  finalizedAt!: number | null;

  @InstantColumn({ nullable: true })
  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was paid; null before.' })
  paidAt!: number | null;

  @IntegerColumn()
  attemptCount!: number;

  @InstantColumn({ nullable: true })
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When Stripe will try to charge again; null when it will not.',
  })
  nextAttemptAt!: number | null;

  @InstantColumn({ nullable: true })
  periodStart!: number | null;

  @InstantColumn({ nullable: true })
  periodEnd!: number | null;

  @TextColumn({ nullable: true })
  @Field(() => UrlScalar, {
    nullable: true,
    description: "Stripe's page where it can be seen and paid; null while it is a draft.",
  })
  hostedUrl!: string | null;

  @TextColumn({ nullable: true })
  @Field(() => UrlScalar, { nullable: true, description: 'The invoice as PDF; null while it is a draft.' })
  pdfUrl!: string | null;

  @JsonColumn()
  lines!: InvoiceLineState[];

  @IdColumn({ nullable: true })
  paymentMethodId!: string | null;

  @JsonColumn({ nullable: true })
  paymentAttempts!: PaymentAttemptState[] | null;

  @IdColumn({ nullable: true })
  paymentAction!: PaymentActionKind | null;

  @IntegerColumn()
  @Field(() => SafeIntScalar, { description: "The account's revision at this invoice's last change." })
  revision!: number;
}

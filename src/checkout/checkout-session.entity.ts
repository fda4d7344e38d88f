import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { IdColumn, IdKey, InstantColumn, IntegerColumn, TextColumn } from '../database/columns.js';
import { Node } from '../graphql/node.js';
import { CheckoutStatus, CheckoutUi, type CheckoutSessionState } from './checkout-session.js';

registerEnumType(CheckoutStatus, {
  name: 'CheckoutStatus',
  description: 'Where a checkout stands.',
  valuesConfig: {
    OPEN: { description: 'Waiting for the customer.' },
    COMPLETE: { description: 'Paid, or nothing was due.' },
    EXPIRED: { description: 'Given up; start another.' },
    UNRECOGNIZED: { description: 'A word the gateway does not know yet.' },
  },
});

registerEnumType(CheckoutUi, {
  name: 'CheckoutUi',
  description: 'Where the customer pays.',
  valuesConfig: {
    HOSTED: { description: "On Stripe's page; send the browser to `url`." },
    EMBEDDED: { description: "On Stripe's whole page inside yours; give `clientSecret` to Stripe.js." },
    ELEMENTS: { description: 'In single fields inside your own form; give `clientSecret` to Stripe.js.' },
  },
});

@ObjectType({ implements: Node, description: "A visit to Stripe's payment page." })
@Entity('checkout_sessions')
@Index(['customerId'])
@Index(['accountId', 'status'])
export class CheckoutSession implements CheckoutSessionState {
  @IdKey()
  @Field(() => ID, { description: "Stripe's id (cs_…)." })
  id!: string;

  @IdColumn({ nullable: true })
  customerId!: string | null;

  @IdColumn({ nullable: true })
  accountId!: string | null;

  @IdColumn()
  @Field(() => CheckoutStatus, { description: 'Where it stands.' })
  status!: CheckoutStatus;

  @IdColumn()
  statusRaw!: string;

  @IdColumn()
  mode!: string;

  @IdColumn({ nullable: true })
  ui!: CheckoutUi | null;

  @TextColumn({ nullable: true })
  url!: string | null;

  @IdColumn({ nullable: true })
  priceId!: string | null;

  @IntegerColumn()
  seats!: number;

  @IdColumn({ nullable: true })
  subscriptionId!: string | null;

  /** Only in the answer that opens it or hands it back; never stored. */
  clientSecret?: string | null;

  @InstantColumn()
  createdAt!: number;

  @InstantColumn()
  expiresAt!: number;
}

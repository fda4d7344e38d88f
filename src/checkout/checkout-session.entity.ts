import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { IdColumn, IdKey, InstantColumn, IntegerColumn, TextColumn } from '../database/columns.js';
import { Node } from '../graphql/node.js';
import { DateTimeScalar, UrlScalar } from '../graphql/scalars.js';
import { CheckoutStatus, type CheckoutSessionState } from './checkout-session.js';

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

  @TextColumn({ nullable: true })
  @Field(() => UrlScalar, {
    nullable: true,
    description: 'The page to send the browser to; null once it is no longer open.',
  })
  url!: string | null;

  @IdColumn({ nullable: true })
  priceId!: string | null;

  @IntegerColumn()
  seats!: number;

  @IdColumn({ nullable: true })
  subscriptionId!: string | null;

  @InstantColumn()
  createdAt!: number;

  @InstantColumn()
  @Field(() => DateTimeScalar, { description: 'When it closes by itself.' })
  expiresAt!: number;
}

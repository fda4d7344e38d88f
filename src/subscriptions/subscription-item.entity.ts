import { Field, ID, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { IdColumn, IdKey, IntegerColumn } from '../database/columns.js';
import { SafeIntScalar } from '../graphql/scalars.js';
import type { SubscriptionItemState } from './subscription.js';

@ObjectType({ description: 'One part of a subscription: the plan itself, or what was added to it.' })
@Entity('subscription_items')
export class SubscriptionItem implements SubscriptionItemState {
  @IdKey()
  @Field(() => ID, { description: "Stripe's id (si_…)." })
  id!: string;

  @IdColumn()
  subscriptionId!: string;

  @IdColumn()
  priceId!: string;

  @IntegerColumn({ nullable: true })
  @Field(() => SafeIntScalar, { nullable: true, description: 'How many units; null for metered prices.' })
  quantity!: number | null;
}

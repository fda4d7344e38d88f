import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { IdColumn, IdKey, IntegerColumn } from '../database/columns.js';
import { Node } from '../graphql/node.js';
import { SafeIntScalar } from '../graphql/scalars.js';
import type { SubscriptionItemState } from './subscription.js';

@ObjectType({ implements: Node, description: 'One part of a subscription: the plan itself, or what was added to it.' })
@Entity('subscription_items')
@Index(['subscriptionId'])
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

import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { BooleanColumn, IdColumn, IdKey, InstantColumn, JsonColumn, TextColumn } from '../database/columns.js';
import { Node } from '../graphql/node.js';
import type { AddOnState, PlanFeatureState } from './plan.js';

@ObjectType({
  implements: Node,
  description: 'Something that can be bought on top of a plan, as a further item of the same subscription.',
})
@Entity('add_ons')
@Index(['key'])
@Index(['productId'])
export class AddOn implements AddOnState {
  @IdKey()
  @Field(() => ID, { description: 'Opaque and stable.' })
  id!: string;

  @IdColumn()
  @Field(() => String, { description: 'Stable slug to use in code, such as extra-storage.' })
  key!: string;

  @IdColumn()
  productId!: string;

  @InstantColumn({ nullable: true })
  productCreatedAt!: number | null;

  @TextColumn()
  @Field(() => String, { description: 'Name to show.' })
  name!: string;

  @TextColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'One sentence about it; null when the product has none.' })
  description!: string | null;

  @BooleanColumn()
  archived!: boolean;

  @JsonColumn({ nullable: true })
  forPlans!: string[] | null;

  @JsonColumn()
  features!: PlanFeatureState[];

  @JsonColumn()
  metadata!: Record<string, string>;
}

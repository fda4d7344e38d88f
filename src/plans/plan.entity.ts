import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  BooleanColumn,
  ExternalIdColumn,
  IdColumn,
  IdKey,
  InstantColumn,
  IntegerColumn,
  JsonColumn,
  TextColumn,
} from '../database/columns.js';
import { Node } from '../graphql/node.js';
import { JSONObjectScalar } from '../graphql/scalars.js';
import type { PlanFeatureState, PlanState } from './plan.js';

@ObjectType({ implements: Node, description: 'A plan that can be bought.' })
@Entity('plans')
@Index(['key'], { unique: true })
@Index(['productId'])
export class Plan implements PlanState {
  @IdKey()
  @Field(() => ID, { description: 'Opaque and stable.' })
  id!: string;

  @IdColumn()
  @Field(() => String, { description: 'Stable slug to use in code, such as team.' })
  key!: string;

  @IdColumn({ nullable: true })
  productId!: string | null;

  @InstantColumn({ nullable: true })
  productCreatedAt!: number | null;

  @TextColumn()
  @Field(() => String, { description: 'Name to show.' })
  name!: string;

  @TextColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'One sentence about it; null when the product has none.' })
  description!: string | null;

  @IntegerColumn()
  @Field(() => Int, { description: 'Position in the plan ladder; decides upgrade or downgrade. Higher is better.' })
  rank!: number;

  @JsonColumn()
  @Field(() => [String], { description: 'Short selling points, in order.' })
  highlights!: string[];

  @BooleanColumn()
  @Field(() => Boolean, { description: 'The plan of accounts without a subscription.' })
  free!: boolean;

  @BooleanColumn()
  @Field(() => Boolean, { description: 'No longer sold; those who have it keep it.' })
  archived!: boolean;

  @ExternalIdColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'Region it is sold in; null for everywhere.' })
  region!: string | null;

  @ExternalIdColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'Kind of tenancy, such as shared; null when not said.' })
  tenancy!: string | null;

  @JsonColumn()
  features!: PlanFeatureState[];

  @JsonColumn()
  @Field(() => JSONObjectScalar, { description: "The product's metadata at Stripe." })
  metadata!: Record<string, string>;
}

import { Field, Int, ObjectType } from 'type-graphql';
import { AddOn } from '../plans/add-on.entity.js';

@ObjectType({ description: 'An add-on, and how many of it.' })
export class BoughtAddOn {
  @Field(() => AddOn, { description: 'What is bought on top of the plan.' })
  addOn!: AddOn;

  @Field(() => Int, { nullable: true, description: 'How many; null where it is paid by what is used.' })
  quantity!: number | null;
}

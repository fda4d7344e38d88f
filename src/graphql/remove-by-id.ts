import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'Which one.' })
export class RemoveByIdInput {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

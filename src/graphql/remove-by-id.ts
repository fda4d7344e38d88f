import { Field, ID, InputType } from 'type-graphql';
import { OfAccount } from './viewer-account.js';

@InputType({ description: 'Which one.' })
export class RemoveByIdInput extends OfAccount {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

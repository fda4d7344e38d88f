import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { ExternalIdColumn, IdColumn, IdKey, InstantColumn, IntegerColumn } from '../database/columns.js';
import { Node } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { PaymentMethodKind, type PaymentMethodState } from './payment-method.js';

registerEnumType(PaymentMethodKind, {
  name: 'PaymentMethodKind',
  description: 'What sort of payment method it is.',
  valuesConfig: {
    CARD: { description: 'A credit or debit card.' },
    BANK_DEBIT: { description: 'A bank account that is debited; payments take days to settle.' },
    WALLET: { description: 'A wallet such as PayPal.' },
    LINK: { description: "Stripe's own wallet." },
    OTHER: { description: 'Anything else; see `kindRaw`.' },
  },
});

@ObjectType({ implements: Node, description: 'A stored way to pay.' })
@Entity('payment_methods')
@Index(['customerId'])
@Index(['accountId', 'createdAt', 'id'])
export class PaymentMethod implements PaymentMethodState {
  @IdKey()
  @Field(() => ID, { description: "Stripe's id (pm_…)." })
  id!: string;

  @IdColumn()
  customerId!: string;

  @IdColumn({ nullable: true })
  accountId!: string | null;

  @IdColumn()
  @Field(() => PaymentMethodKind, { description: 'What sort it is.' })
  kind!: PaymentMethodKind;

  @IdColumn()
  @Field(() => String, { description: "Stripe's own word, such as sepa_debit." })
  kindRaw!: string;

  @ExternalIdColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: "A card's brand or a bank's name; null where there is neither." })
  brand!: string | null;

  @IdColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'Last four digits; null where there are none.' })
  last4!: string | null;

  @IntegerColumn({ nullable: true })
  @Field(() => Int, { nullable: true, description: 'Month of expiry, 1 to 12; null for what does not expire.' })
  expMonth!: number | null;

  @IntegerColumn({ nullable: true })
  @Field(() => Int, { nullable: true, description: 'Year of expiry; null for what does not expire.' })
  expYear!: number | null;

  @InstantColumn()
  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: number;
}

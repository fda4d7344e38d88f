import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { ExternalIdColumn, IdColumn, IdKey, InstantColumn } from '../database/columns.js';
import { Node } from '../graphql/node.js';
import { TaxIdVerification, type TaxIdState } from './tax-id.js';

registerEnumType(TaxIdVerification, {
  name: 'TaxIdVerification',
  description: 'What the authority said about a tax id.',
  valuesConfig: {
    PENDING: { description: 'It has been asked.' },
    VERIFIED: { description: 'It knows the id.' },
    UNVERIFIED: { description: 'It does not know the id.' },
    UNAVAILABLE: { description: 'Ids of this kind are not verified.' },
    UNRECOGNIZED: { description: 'A word the gateway does not know yet.' },
  },
});

@ObjectType({ implements: Node, description: 'A tax id, as it is printed on invoices.' })
@Entity('tax_ids')
@Index(['customerId'])
@Index(['accountId', 'createdAt', 'id'])
export class TaxId implements TaxIdState {
  @IdKey()
  @Field(() => ID, { description: "Stripe's id (txi_…)." })
  id!: string;

  @IdColumn()
  customerId!: string;

  @IdColumn({ nullable: true })
  accountId!: string | null;

  @IdColumn()
  @Field(() => String, {
    description: "Stripe's kind, such as eu_vat. A string on purpose: the list grows every month.",
  })
  type!: string;

  @ExternalIdColumn()
  @Field(() => String, { description: 'The id itself.' })
  value!: string;

  @IdColumn()
  @Field(() => TaxIdVerification, { description: 'What the authority said about it.' })
  verification!: TaxIdVerification;

  @IdColumn({ nullable: true })
  verificationRaw!: string | null;

  @InstantColumn()
  createdAt!: number;
}

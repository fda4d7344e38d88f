import { Arg, Authorized, Ctx, Field, FieldResolver, ID, InputType, Mutation, Resolver, Root } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { EmailScalar, LocaleScalar } from '../graphql/scalars.js';
import { IDEMPOTENCY_KEY } from '../graphql/user-errors.js';
import { OfAccount } from '../graphql/viewer-account.js';
import { RemoveByIdInput } from '../graphql/remove-by-id.js';
import { Account } from './account.entity.js';
import { AccountPayload, answerWithAccount } from './account-payload.js';
import type { Address } from './account.js';
import { addTaxId } from './add-tax-id.js';
import { AddressInput } from './address.js';
import { removeTaxId } from './remove-tax-id.js';
import { TaxId } from './tax-id.entity.js';
import { type BillingDetails, updateBillingDetails } from './update-billing-details.js';

@InputType({ description: 'A field left out stays; an explicit null clears it.' })
export class UpdateBillingDetailsInput extends OfAccount {
  @Field(() => String, { nullable: true, description: 'Name shown on invoices, at most 256 characters.' })
  name?: string | null;

  @Field(() => EmailScalar, { nullable: true, description: 'Where invoices go.' })
  email?: string | null;

  @Field(() => String, { nullable: true, description: 'Telephone number, at most 20 characters.' })
  phone?: string | null;

  @Field(() => LocaleScalar, { nullable: true, description: 'Language of invoices and mails.' })
  locale?: string | null;

  @Field(() => AddressInput, { nullable: true, description: 'Billing address; replaces the former one whole.' })
  address?: AddressInput | null;
}

@InputType({ description: 'A tax id to print on invoices.' })
export class AddTaxIdInput extends OfAccount {
  @Field(() => String, { description: "Stripe's kind, such as eu_vat, gb_vat, us_ein." })
  type!: string;

  @Field(() => String, { description: 'The id itself, such as DE123456789.' })
  value!: string;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

const wholeAddress = ({ line1, line2, city, state, postalCode, country }: AddressInput): Address => ({
  line1: line1 || null,
  line2: line2 || null,
  city: city || null,
  state: state || null,
  postalCode: postalCode || null,
  country,
});

/** Only what was given; an empty text means the same as null. */
function toDetails({ account: _account, address, ...texts }: UpdateBillingDetailsInput): BillingDetails {
  const given = Object.entries(texts).filter(([, text]) => text !== undefined);
  return {
    ...(Object.fromEntries(given.map(([field, text]) => [field, text || null])) as BillingDetails),
    ...(address !== undefined && { address: address && wholeAddress(address) }),
  };
}

@Resolver(() => Account)
export class BillingDetailsResolver {
  @FieldResolver(() => [TaxId], { description: 'Tax ids printed on invoices, oldest first.' })
  taxIds(@Root() { id }: Account, @Ctx() { loaders }: Context): Promise<TaxId[]> {
    return loaders.taxIdsOf.load(id);
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => AccountPayload, {
    description: 'Changes what stands on invoices: at Stripe first, then here. A field left out stays, null clears it.',
  })
  updateBillingDetails(
    @Arg('input', () => UpdateBillingDetailsInput, { description: 'What to change.' }) input: UpdateBillingDetailsInput,
    @Ctx() context: Context,
  ): Promise<AccountPayload> {
    return answerWithAccount(context, input, (account) =>
      updateBillingDetails(context.parts, { account, actor: context.caller?.subject ?? '', details: toDetails(input) }),
    );
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => AccountPayload, {
    description: 'Adds a tax id. Whether the authority knows it shows later, in `verification`.',
  })
  addTaxId(
    @Arg('input', () => AddTaxIdInput, { description: 'Kind and value.' }) input: AddTaxIdInput,
    @Ctx() context: Context,
  ): Promise<AccountPayload> {
    const { type, value, idempotencyKey = null } = input;
    const actor = context.caller?.subject ?? '';
    return answerWithAccount(context, input, (account) =>
      addTaxId(context.parts, { account, actor, type, value, idempotencyKey }),
    );
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => AccountPayload, { description: 'Takes a tax id away; invoices that are final keep it.' })
  removeTaxId(
    @Arg('input', () => RemoveByIdInput, { description: 'Which one.' }) input: RemoveByIdInput,
    @Ctx() context: Context,
  ): Promise<AccountPayload> {
    const actor = context.caller?.subject ?? '';
    const owner = async () => (await context.loaders.taxId.load(input.id))?.accountId ?? null;
    return answerWithAccount(context, { ...input, owner }, ({ id }) =>
      removeTaxId(context.parts, { accountId: id, actor, id: input.id }),
    );
  }
}

import { Arg, Authorized, Ctx, Field, FieldResolver, ID, InputType, Mutation, Resolver, Root } from 'type-graphql';
import { EXTERNAL_ID_RULE, isExternalId } from '../auth/external-id.js';
import { Role } from '../auth/roles.js';
import { badUserInput } from '../errors.js';
import { askedOf } from '../graphql/asked.js';
import type { Context } from '../graphql/context.js';
import { CurrencyCodeScalar, EmailScalar, JSONObjectScalar, LocaleScalar } from '../graphql/scalars.js';
import { IDEMPOTENCY_KEY, toUserErrors } from '../graphql/user-errors.js';
import { once } from '../intents/once.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { Account } from './account.entity.js';
import { accountIdOf, isAccountId } from './account.js';
import { AccountPayload, answerWithAccount } from './account-payload.js';
import { deleteAccount } from './delete-account.js';
import { upsertAccount } from './upsert-account.js';

@InputType({ description: 'What your product says of a tenant. A field left out stays; an explicit null clears it.' })
export class UpsertAccountInput {
  @Field(() => String, {
    description:
      "Your own id for the tenant: 1 to 255 characters, no outer blanks, not the shape of the gateway's ids.",
  })
  externalId!: string;

  @Field(() => String, { nullable: true, description: 'Name shown on invoices, at most 256 characters.' })
  name?: string | null;

  @Field(() => EmailScalar, { nullable: true, description: 'Where invoices go.' })
  email?: string | null;

  @Field(() => LocaleScalar, { nullable: true, description: 'Language of invoices and mails.' })
  locale?: string | null;

  @Field(() => String, { nullable: true, description: 'IANA name, such as Europe/Berlin.' })
  timeZone?: string | null;

  @Field(() => CurrencyCodeScalar, {
    nullable: true,
    description: 'What the tenant is to pay in; it cannot change after the first invoice.',
  })
  currency?: string | null;

  @Field(() => JSONObjectScalar, { nullable: true, description: 'Anything of yours, at most 16 kB; replaced whole.' })
  metadata?: Record<string, unknown> | null;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@InputType({ description: 'Which account; give exactly one of the two.' })
export class DeleteAccountInput {
  @Field(() => ID, { nullable: true, description: 'Its id (acc_…), or your own id for it.' })
  account?: string | null;

  @Field(() => String, { nullable: true, description: 'Your own id for it.' })
  externalId?: string | null;
}

@Resolver(() => Account)
export class AccountLifeResolver {
  @Authorized(Role.SERVICE)
  @Mutation(() => AccountPayload, {
    description: 'Creates or updates the account of one of your tenants. Safe to repeat.',
  })
  async upsertAccount(
    @Arg('input', () => UpsertAccountInput, { description: 'Which tenant, and what of it.' }) input: UpsertAccountInput,
    @Ctx() context: Context,
  ): Promise<AccountPayload> {
    const { externalId, idempotencyKey: _key, ...details } = input;
    const actor = context.caller?.subject ?? '';
    if (!isExternalId(externalId)) throw badUserInput(EXTERNAL_ID_RULE);
    return answerWithAccount(context, { externalId }, async (account) => {
      const asked = askedOf(context, account.id, 'upsertAccount', input);
      await once(context.parts, asked, async () => {
        await upsertAccount(context.parts, { account, actor, details });
        return {};
      });
    });
  }

  @Authorized(Role.SERVICE)
  @Mutation(() => AccountPayload, {
    description:
      'Cancels at Stripe first, then here: every subscription ends now, nothing more is collected, the customer is deleted, billing details are cleared. Invoices and history stay; a later token of the same tenant finds the account on the free plan. Safe to repeat.',
  })
  async deleteAccount(
    @Arg('input', () => DeleteAccountInput, { description: 'Which account.' })
    { account, externalId }: DeleteAccountInput,
    @Ctx() context: Context,
  ): Promise<AccountPayload> {
    if (typeof account === typeof externalId) throw badUserInput('input takes exactly one of account and externalId.');
    const id = account && isAccountId(account) ? account : accountIdOf(String(account ?? externalId));
    if (!(await context.loaders.account.load(id))) {
      const field = ['input', account ? 'account' : 'externalId'];
      const absent = new Refusal(UserErrorCode.NOT_FOUND, 'There is no such account.', { field });
      return { account: null, paymentAction: null, userErrors: await toUserErrors(absent, context, null) };
    }
    return answerWithAccount(context, { account: id }, (held) =>
      deleteAccount(context.parts, held, context.caller?.subject ?? ''),
    );
  }

  @FieldResolver(() => String, { description: 'IANA name of the time zone that days are counted in.' })
  timeZone(@Root() { timeZone }: Account): string {
    return timeZone ?? 'UTC';
  }

  @Authorized(Role.SERVICE)
  @FieldResolver(() => JSONObjectScalar, {
    nullable: true,
    description: 'What upsertAccount was given; null for nothing.',
  })
  metadata(@Root() { metadata }: Account): Record<string, unknown> | null {
    return metadata;
  }
}

import { Arg, Authorized, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { ensureAccount } from '../accounts/ensure-account.js';
import { Role } from '../auth/roles.js';
import { BillingError } from '../errors.js';
import type { Context } from '../graphql/context.js';
import { SafeIntScalar } from '../graphql/scalars.js';
import { toUserErrors, UserError } from '../graphql/user-errors.js';
import { OfAccount, readViewerAccount } from '../graphql/viewer-account.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { Entitlement, toEntitlement } from './entitlement.resolver.js';
import { recordUsage, type UsageAnswer } from './record-usage.js';

const MOST_RECORDS = 1_000;

@InputType({ description: 'Something that was used, or is about to be.' })
export class RecordUsageInput extends OfAccount {
  @Field(() => String, { description: 'Key of a feature of the kind LIMIT or METERED, such as members-per-team.' })
  feature!: string;

  @Field(() => SafeIntScalar, {
    defaultValue: 1,
    description: 'How many; below zero to give back what was used of a LIMIT.',
  })
  quantity!: number;

  @Field(() => ID, {
    description: 'Makes it count once for its account, however often it is sent. What was refused may be sent again.',
  })
  idempotencyKey!: string;

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Refuse what would pass a hard limit. False counts what has happened already, whatever the limit.',
  })
  enforceLimit!: boolean;
}

@InputType({ description: 'Several records; each is accepted or refused by itself, in this order for each account.' })
export class RecordUsageBatchInput {
  @Field(() => [RecordUsageInput], { description: `1 to ${MOST_RECORDS} of them.` })
  records!: RecordUsageInput[];
}

@ObjectType({ description: 'Whether it was counted.' })
export class RecordUsagePayload {
  @Field(() => Boolean, { description: 'True when it counts, now or since an earlier time.' })
  accepted!: boolean;

  @Field(() => Boolean, { description: 'True when the key was counted before, so that nothing was added now.' })
  duplicate!: boolean;

  @Field(() => Entitlement, {
    nullable: true,
    description: 'As it stands now; of a refusal, for as many as were asked. Null when nothing of the kind is counted.',
  })
  entitlement!: Entitlement | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

@ObjectType({ description: 'A record that was not counted.' })
export class RejectedUsage {
  @Field(() => Int, { description: 'Its place among the records, from 0.' })
  index!: number;

  @Field(() => UserError, { description: 'Why.' })
  error!: UserError;
}

@ObjectType({ description: 'What became of the records.' })
export class RecordUsageBatchPayload {
  @Field(() => Int, { description: 'How many were counted now.' })
  accepted!: number;

  @Field(() => Int, { description: 'How many had been counted before.' })
  duplicates!: number;

  @Field(() => [RejectedUsage], { description: 'Those that were not counted; the others were.' })
  rejected!: RejectedUsage[];

  @Field(() => [UserError], { description: 'Why nothing was counted at all; empty when the records were looked at.' })
  userErrors!: UserError[];
}

@Resolver()
export class RecordUsageResolver {
  @Authorized(Role.SERVICE)
  @Mutation(() => RecordUsagePayload, {
    description:
      'Counts what an account uses, or refuses it above a hard limit: however many ask at once, exactly as much passes as the limit lets through. Use is never cut to a limit.',
  })
  async recordUsage(
    @Arg('input', () => RecordUsageInput, { description: 'What, and how many.' }) input: RecordUsageInput,
    @Ctx() context: Context,
  ): Promise<RecordUsagePayload> {
    const [answer] = await count([input], context);
    const { counted, entitlement, refusal } = answer as UsageAnswer;
    return {
      accepted: counted !== null,
      duplicate: counted === 'BEFORE',
      entitlement: entitlement && toEntitlement(entitlement),
      userErrors: refusal ? await toUserErrors(refusal, context, null) : [],
    };
  }

  @Authorized(Role.SERVICE)
  @Mutation(() => RecordUsageBatchPayload, {
    description: `The same for up to ${MOST_RECORDS} records of any accounts at once.`,
  })
  async recordUsageBatch(
    @Arg('input', () => RecordUsageBatchInput, { description: 'The records.' }) { records }: RecordUsageBatchInput,
    @Ctx() context: Context,
  ): Promise<RecordUsageBatchPayload> {
    if (context.unusable) return refuseBatch(context.unusable, context);
    if (records.length === 0 || records.length > MOST_RECORDS) {
      const message = `A batch has 1 to ${MOST_RECORDS} records, found ${records.length}.`;
      const refusal = new Refusal(UserErrorCode.INVALID, message, { field: ['input', 'records'] });
      return refuseBatch(refusal, context);
    }
    const answers = await count(records, context);
    const times = (wanted: UsageAnswer['counted']) => answers.filter(({ counted }) => counted === wanted).length;
    const rejected = answers.flatMap(({ refusal }, index) =>
      refusal ? [{ index, refusal: inBatch(refusal, index) }] : [],
    );
    return {
      accepted: times('NOW'),
      duplicates: times('BEFORE'),
      rejected: await Promise.all(
        rejected.map(async ({ index, refusal }) => {
          const [error] = await toUserErrors(refusal, context, null);
          return { index, error: error as UserError };
        }),
      ),
      userErrors: [],
    };
  }
}

const refuseBatch = async (refusal: Refusal, context: Context): Promise<RecordUsageBatchPayload> => ({
  accepted: 0,
  duplicates: 0,
  rejected: [],
  userErrors: await toUserErrors(refusal, context, null),
});

/** The path of a refusal as the batch has it. */
const inBatch = ({ code, message, details }: Refusal, index: number): Refusal => {
  const [input = 'input', ...rest] = details.field ?? [];
  return new Refusal(code, message, { ...details, field: [input, 'records', String(index), ...rest] });
};

async function count(inputs: readonly RecordUsageInput[], context: Context): Promise<UsageAnswer[]> {
  const accounts = await Promise.all(inputs.map((input) => accountOf(input, context)));
  const known = inputs.flatMap(({ feature, quantity, idempotencyKey: key, enforceLimit }, index) => {
    const account = accounts[index] as Account | Refusal;
    return account instanceof Refusal ? [] : [{ account, feature, quantity, key, enforceLimit }];
  });
  const { parts, loaders, caller } = context;
  const answers = await recordUsage(parts, loaders, caller?.subject ?? '', known);
  return accounts.map((account) =>
    account instanceof Refusal
      ? { counted: null, entitlement: null, refusal: account }
      : (answers.shift() as UsageAnswer),
  );
}

/** The stored account: its first use is a first write. One that is not there refuses its own records only. */
async function accountOf({ account: named }: RecordUsageInput, context: Context): Promise<Account | Refusal> {
  const { loaders, parts } = context;
  try {
    const { id, externalId } = await readViewerAccount(context, { account: named });
    return (await loaders.account.load(id)) ?? (await ensureAccount(parts, externalId));
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    if (!(thrown instanceof BillingError) || thrown.code !== 'NOT_FOUND') throw thrown;
    return new Refusal(UserErrorCode.NOT_FOUND, 'There is no such account.', { field: ['input', 'account'] });
  }
}

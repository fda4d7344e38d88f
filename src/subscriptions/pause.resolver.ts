import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { holds, Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { IDEMPOTENCY_KEY } from '../graphql/user-errors.js';
import { OfAccount } from '../graphql/viewer-account.js';
import { pauseSubscription } from './pause-subscription.js';
import { resumeSubscription } from './resume-subscription.js';
import { answer, reference, SubscriptionPayload, SubscriptionRefInput } from './subscription-payload.js';
import { BillingSubscription } from './subscription.entity.js';
import { isLive } from './subscription.js';

export enum PauseCause {
  REQUESTED = 'REQUESTED',
  TRIAL_ENDED_WITHOUT_CARD = 'TRIAL_ENDED_WITHOUT_CARD',
  COLLECTION_ONLY = 'COLLECTION_ONLY',
  PAYMENT_FAILURE = 'PAYMENT_FAILURE',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

registerEnumType(PauseCause, {
  name: 'PauseCause',
  description: 'Why it is on hold.',
  valuesConfig: {
    REQUESTED: { description: 'Somebody asked for it.' },
    TRIAL_ENDED_WITHOUT_CARD: { description: 'The trial ended and there was no card.' },
    COLLECTION_ONLY: { description: 'Only payments are on hold; the service goes on.' },
    PAYMENT_FAILURE: { description: 'A payment failed.' },
    UNRECOGNIZED: { description: 'A reason the gateway does not know yet.' },
  },
});

@ObjectType({ description: 'A pause.' })
export class Pause {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When it began; the gateway's first look where Stripe does not keep it.",
  })
  since!: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ends by itself; null until somebody resumes.' })
  resumesAt!: number | null;

  @Field(() => PauseCause, { description: 'Why.' })
  cause!: PauseCause;
}

@InputType({ description: 'What to pause, and until when.' })
export class PauseSubscriptionInput extends OfAccount {
  @Field(() => ID, { nullable: true, description: 'The main one when not given.' })
  subscription?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When to go on by itself, at most five years ahead; until somebody resumes when not given.',
  })
  resumesAt?: number | null;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@Resolver(() => BillingSubscription)
export class PauseResolver {
  @FieldResolver(() => Pause, { nullable: true, description: 'Set while it is on hold.' })
  pause(@Root() subscription: BillingSubscription): Pause | null {
    const { pause } = subscription;
    if (!pause || !isLive(subscription)) return null;
    return { since: pause.since, resumesAt: pause.resumesAt, cause: PauseCause[pause.cause] };
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, {
    description:
      'Pauses: no access and no charges. Without a date the period ends now and what is unused is credited; with one, what falls due until then is never charged. A free trial cannot be paused.',
  })
  pauseSubscription(
    @Arg('input', () => PauseSubscriptionInput, { description: 'Which one, and until when.' })
    input: PauseSubscriptionInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    const operator = holds(context.caller?.roles ?? [], Role.OPERATOR);
    return answer(context, 'pauseSubscription', input, ({ id }) =>
      pauseSubscription(context.parts, {
        ...reference(input, id, context),
        operator,
        resumesAt: input.resumesAt ?? null,
      }),
    );
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, {
    description:
      'Ends a pause. A new period begins once its invoice is paid; until then it stays paused. Asked again meanwhile, it tries the same invoice with the default payment method.',
  })
  resumeSubscription(
    @Arg('input', () => SubscriptionRefInput, { description: 'Which one.' }) input: SubscriptionRefInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    return answer(context, 'resumeSubscription', input, ({ id }) =>
      resumeSubscription(context.parts, reference(input, id, context)),
    );
  }
}

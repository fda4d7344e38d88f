import { Arg, Authorized, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { checkReason, REASON } from '../graphql/reason.js';
import { IDEMPOTENCY_KEY, toUserErrors, UserError } from '../graphql/user-errors.js';
import { announceJob } from '../live/job-watch.js';
import { WebhookEventFilter } from '../live/webhook-updated.resolver.js';
import { askDiscard, askReplay, type JobRequest } from './ask-for-job.js';
import { Job } from './job.entity.js';
import { JobState } from './job.js';
import { cancelJob, type NewJob, startJob } from './job-store.js';

@InputType({ description: 'Which events to apply once more, and why: ids, or a filter.' })
export class AdminReplayInput {
  @Field(() => [ID], {
    nullable: true,
    description: "Stripe's ids of up to 500 events (evt_…); what never arrived is fetched from Stripe.",
  })
  ids?: string[] | null;

  @Field(() => WebhookEventFilter, {
    nullable: true,
    description: 'All that fit, of those that came in before it is asked for; at least one of its fields.',
  })
  filter?: WebhookEventFilter | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Only asks Stripe, and tells in the job's log what would change.",
  })
  dryRun!: boolean;

  @Field(() => String, REASON)
  reason!: string;

  @Field(IDEMPOTENCY_KEY.type, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@InputType({ description: 'Which events to lay aside, and why.' })
export class AdminDiscardInput {
  @Field(() => [ID], { description: "Stripe's ids of up to 500 events (evt_…)." })
  ids!: string[];

  @Field(() => String, REASON)
  reason!: string;

  @Field(IDEMPOTENCY_KEY.type, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@InputType({ description: 'How to look at the catalogue.' })
export class AdminSyncCatalogInput {
  @Field(() => Boolean, { defaultValue: true, description: "Only tells in the job's log what a look would change." })
  dryRun!: boolean;

  @Field(IDEMPOTENCY_KEY.type, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@InputType({ description: 'Which job to stop.' })
export class AdminCancelJobInput {
  @Field(() => ID, { description: 'Its id (job_…).' })
  id!: string;
}

@ObjectType({ description: 'The job as it stands.' })
export class JobPayload {
  @Field(() => Job, { nullable: true, description: 'Follow it with `jobUpdated`; null when it was refused.' })
  job!: Job | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

@Resolver()
export class StartJobResolver {
  @Authorized(Role.OPERATOR)
  @Mutation(() => JobPayload, {
    description:
      'Applies events once more, as a job: they are pending again, part by part, and applied within seconds. Safe at any time. Asked for twice while it runs, it is the same job.',
  })
  adminReplayWebhookEvents(
    @Arg('input', () => AdminReplayInput, { description: 'Which, and why.' }) input: AdminReplayInput,
    @Ctx() context: Context,
  ): Promise<JobPayload> {
    return answerWithJob(context, () => {
      checkReason(input.reason);
      return start(context, askReplay(input), input);
    });
  }

  @Authorized(Role.OPERATOR)
  @Mutation(() => JobPayload, {
    description:
      'Lays events aside that nothing can apply, as a job; the reason stays beside each, and a replay takes them up again. What has ended already stays as it is.',
  })
  adminDiscardWebhookEvents(
    @Arg('input', () => AdminDiscardInput, { description: 'Which, and why.' }) input: AdminDiscardInput,
    @Ctx() context: Context,
  ): Promise<JobPayload> {
    return answerWithJob(context, async () => {
      checkReason(input.reason);
      return start(context, await askDiscard(context.parts.database, input), input);
    });
  }

  @Authorized(Role.OPERATOR)
  @Mutation(() => JobPayload, {
    description:
      "Looks at every product at Stripe again, as a job; one that fails does not stop the rest, and the job's log says what to correct.",
  })
  adminSyncCatalog(
    @Arg('input', () => AdminSyncCatalogInput, { description: 'How.' }) input: AdminSyncCatalogInput,
    @Ctx() context: Context,
  ): Promise<JobPayload> {
    return answerWithJob(context, () =>
      start(context, { kind: 'syncCatalog', input: {}, dryRun: input.dryRun }, input),
    );
  }

  @Authorized(Role.OPERATOR)
  @Mutation(() => JobPayload, {
    description: 'Stops a job: at once while it waits, after its present part where it runs. What it did stays.',
  })
  adminCancelJob(
    @Arg('input', () => AdminCancelJobInput, { description: 'Which job.' }) { id }: AdminCancelJobInput,
    @Ctx() context: Context,
  ): Promise<JobPayload> {
    return answerWithJob(context, () => cancelJob(context.parts, id, context.caller?.subject ?? ''));
  }
}

const start = (
  { parts, caller }: Context,
  request: JobRequest,
  { reason, idempotencyKey }: { reason?: string; idempotencyKey?: string | null },
): Promise<Job> => {
  const wanted: NewJob = {
    ...request,
    startedBy: caller?.subject ?? '',
    reason: reason ?? null,
    clientKey: idempotencyKey ?? null,
  };
  return startJob(parts, wanted);
};

async function answerWithJob(context: Context, act: () => Promise<Job>): Promise<JobPayload> {
  const { parts, unusable } = context;
  try {
    if (unusable) throw unusable;
    const job = await act();
    announceJob(parts, job);
    if (job.state === JobState.QUEUED) parts.jobs.wake();
    return { job, userErrors: [] };
  } catch (thrown) {
    return { job: null, userErrors: await toUserErrors(thrown, context, null) };
  }
}

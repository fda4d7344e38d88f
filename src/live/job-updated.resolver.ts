import { Arg, Authorized, Ctx, Field, ID, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { Job } from '../jobs/job.entity.js';
import { StreamKind } from './hub.js';
import { type JobPush, watchJob } from './job-stream.js';

@ObjectType({ description: 'One message of `jobUpdated`.' })
export class JobUpdate {
  @Field(() => StreamKind, { description: 'Snapshot first, then changes.' })
  kind!: StreamKind;

  @Field(() => Job, { description: 'The job as it stands now.' })
  job!: Job;
}

interface WatchArguments {
  job: string;
}

@Resolver(() => JobUpdate)
export class JobUpdatedResolver {
  @Authorized(Role.OPERATOR)
  @Subscription(() => JobUpdate, {
    description:
      'Progress of a job: where it stands, then every further part, or the newest to a slow reader. Ends by itself once the job has ended.',
    subscribe: ({ context, args }) => watchJob((context as Context).parts, (args as WatchArguments).job),
  })
  jobUpdated(
    @Root() push: JobPush,
    @Arg('job', () => ID, { description: 'Its id (job_…).' }) _job: string,
    @Ctx() _context: Context,
  ): JobUpdate {
    return push;
  }
}

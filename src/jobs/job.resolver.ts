import { Arg, Ctx, FieldResolver, ID, Int, Resolver } from 'type-graphql';
import { pageSize } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { AdminQuery } from '../operations/admin.resolver.js';
import { Job } from './job.entity.js';
import { JobState } from './job.js';
import { listJobs, readJob } from './job-store.js';

@Resolver(() => AdminQuery)
export class JobResolver {
  @FieldResolver(() => [Job], { description: 'Long work that staff have asked for, newest first.' })
  jobs(
    @Arg('states', () => [JobState], { nullable: true, description: 'Only those in one of these states.' })
    states: JobState[] | null,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, 1 to 100.' }) first: number,
    @Ctx() { parts }: Context,
  ): Promise<Job[]> {
    return listJobs(parts.database, { states, first: pageSize(first, null) });
  }

  @FieldResolver(() => Job, { nullable: true, description: 'One job; null when there is none of this id.' })
  job(
    @Arg('id', () => ID, { description: 'Its id (job_…).' }) id: string,
    @Ctx() { parts }: Context,
  ): Promise<Job | null> {
    return readJob(parts.database, id);
  }
}

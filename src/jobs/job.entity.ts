import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  BooleanColumn,
  ExternalIdColumn,
  IdColumn,
  IdKey,
  InstantColumn,
  IntegerColumn,
  JsonColumn,
  TextColumn,
} from '../database/columns.js';
import { Node } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { type JobKind, JobState, percentOf, secondsLeft } from './job.js';

registerEnumType(JobState, {
  name: 'JobState',
  description: 'Where a job stands.',
  valuesConfig: {
    QUEUED: { description: 'It waits for its turn: one job runs at a time.' },
    RUNNING: { description: 'A gateway works at it; where that one dies, another goes on within a minute.' },
    DONE: { description: 'All of it is done.' },
    FAILED: { description: 'It ended before all was done, or some of it could not be; its error says why.' },
    CANCELED: { description: 'Somebody stopped it; what was done stays.' },
  },
});

@ObjectType({
  implements: Node,
  description: 'Long work that staff have asked for. Gateways do it part by part, one job at a time among all of them.',
})
@Entity('jobs')
@Index(['state', 'createdAt'])
@Index(['clientKey'])
export class Job {
  @IdKey()
  @Field(() => ID, { description: 'Its id (job_…).' })
  id!: string;

  @IdColumn()
  @Field(() => String, {
    description:
      'What is done: `replayWebhookEvents`, `discardWebhookEvents` or `syncCatalog`. A string on purpose: kinds will come.',
  })
  kind!: JobKind;

  /** What was asked for, by kind. */
  @JsonColumn()
  input!: object;

  /** Tells the same work asked for twice, whoever asks and why. */
  @IdColumn()
  asked!: string;

  @BooleanColumn()
  @Field(() => Boolean, { description: 'True when it only tells what it would do.' })
  dryRun!: boolean;

  @ExternalIdColumn()
  @Field(() => String, { description: 'Subject of the token that asked for it.' })
  startedBy!: string;

  @TextColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'Why, as it was given; null for a kind that asks for none.' })
  reason!: string | null;

  @IdColumn({ nullable: true })
  clientKey!: string | null;

  @IdColumn()
  @Field(() => JobState, { description: 'Where it stands.' })
  state!: JobState;

  @IntegerColumn()
  @Field(() => Int, { description: 'How much of it is done: events, or subjects for a dry run, or products.' })
  done!: number;

  @IntegerColumn({ nullable: true })
  @Field(() => Int, { nullable: true, description: 'How much there is of it; null before it has been counted.' })
  total!: number | null;

  /** Where the next part goes on, whichever gateway does it; null before the first. */
  @JsonColumn({ nullable: true })
  kept!: object | null;

  @JsonColumn()
  @Field(() => [String], { description: 'What is worth telling of it, oldest first; the newest 100 lines.' })
  log!: string[];

  @TextColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'What it has done, in a sentence; null until it has ended.' })
  summary!: string | null;

  @TextColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'Why it failed and what to do about it; null unless FAILED.' })
  error!: string | null;

  @ExternalIdColumn({ nullable: true })
  cancelAskedBy!: string | null;

  /** How often gateways have taken it up since it last got on. */
  @IntegerColumn()
  takes!: number;

  /** Grows with every change. */
  @IntegerColumn()
  revision!: number;

  @InstantColumn()
  @Field(() => DateTimeScalar, { description: 'When it was asked for.' })
  createdAt!: number;

  @InstantColumn({ nullable: true })
  @Field(() => DateTimeScalar, { nullable: true, description: 'When a gateway first took it up; null while QUEUED.' })
  startedAt!: number | null;

  @InstantColumn()
  updatedAt!: number;

  @InstantColumn({ nullable: true })
  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ended; null before.' })
  finishedAt!: number | null;

  @Field(() => Float, { nullable: true, description: '`done` of `total`, 0 to 100; null while `total` is.' })
  get percent(): number | null {
    return percentOf(this);
  }

  @Field(() => Int, {
    nullable: true,
    description:
      'How long the rest will take at the pace so far; null before the first part is done, and after the end.',
  })
  get etaSeconds(): number | null {
    return secondsLeft(this);
  }
}

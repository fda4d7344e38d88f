/** Where a process dies: the n-th time it passes a point, or the n-th point of any name. */
export interface Death {
  point: string | null;
  pass: number;
}

/** `before` what may have an effect, and `after` its answer has come. */
export type Moment = 'before' | 'after';

const OURS = /^\s*at (?:async )?(?:(?:new )?([\w$.<>]+) (?:\[as \S+\] )?\()?.*\/dist\/src\/(?!database\/)(.+?)\.js:/;

/** The nearest function of the gateway that waits for a port: `sync/queue.claim`. Async frames are in the stack as well. */
export function room(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 40;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  for (const line of stack.split('\n')) {
    const found = OURS.exec(line);
    if (!found) continue;
    const name = found[1]?.split('.').at(-1);
    return name && /^\w+$/.test(name) && name !== 'anonymous' ? `${found[2]}.${name}` : `${found[2]}`;
  }
  return 'unnamed';
}

/** Every await of a gateway through one of its ports, by name, and how often it was passed since it was last asked. */
export class Points {
  private passed = new Map<string, number>();
  private total = 0;
  private death: Death | null = null;

  /** Begins to count anew; null only counts. */
  arm(death: Death | null): void {
    this.passed = new Map();
    this.total = 0;
    this.death = death;
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.passed);
  }

  pass(place: string, moment: Moment, what: string): void {
    const point = `${place}: ${moment} ${what}`;
    const times = (this.passed.get(point) ?? 0) + 1;
    this.passed.set(point, times);
    this.total += 1;
    if (!this.death) return;
    const reached = this.death.point === null ? this.total : this.death.point === point ? times : 0;
    if (reached === this.death.pass) process.kill(process.pid, 'SIGKILL');
  }

  /** Passes `before` at once and `after` ahead of whoever waits for the answer. */
  around<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    const place = room();
    this.pass(place, 'before', what);
    const answer = work();
    void answer.then(
      () => this.pass(place, 'after', what),
      () => undefined,
    );
    return answer;
  }
}

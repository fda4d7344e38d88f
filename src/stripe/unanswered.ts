/** A call that never left: Stripe is left alone for a while, or its turn did not come in time. */
export class NotAsked extends Error {
  constructor(
    readonly reason: 'breaker' | 'budget',
    /** When asking again makes sense. */
    readonly retryInMs: number,
  ) {
    super(
      reason === 'breaker'
        ? `Stripe did not answer lately and is left alone for ${Math.ceil(retryInMs / 1_000)} s.`
        : "The call did not get its turn in the gateway's own budget in time.",
    );
    this.name = 'NotAsked';
  }
}

/** A call that got no whole answer. Its cause is kept out of the SDK's sight, which would repeat some of them. */
export class Unanswered extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'Unanswered';
  }
}

/** A call that never left: Stripe is left alone for a while, or its turn did not come in time. */
export class NotAsked extends Error {
  readonly whatToDo = 'Try again in a moment.';

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
  readonly whatToDo: string;

  constructor(host: string, port: string | number, cause: unknown) {
    const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
    super(`Stripe does not answer at ${host}:${port} (${String(code ?? message ?? cause)}).`, { cause });
    this.name = 'Unanswered';
    this.whatToDo = host.endsWith('.stripe.com')
      ? 'Check the network, or try again in a moment.'
      : 'Start the sandbox, correct STRIPE_API_BASE, or try again in a moment.';
  }
}

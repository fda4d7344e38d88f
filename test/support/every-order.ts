/** Chooses one of so many. */
export type Choose = (of: number) => number;

/**
 * Plays the same scene again and again, each time with other choices, until every sequence of choices was made once.
 * Answers how many there are. The scene must be the same whenever the choices are.
 */
export async function everyOrder(scene: (choose: Choose) => Promise<void>): Promise<number> {
  const path: { chosen: number; of: number }[] = [];
  for (let played = 1; ; played++) {
    let depth = 0;
    await scene((of) => {
      const known = path[depth] ?? { chosen: 0, of };
      path[depth++] = known;
      if (known.of !== of) throw new Error(`The scene is not the same: ${of} choices, and ${known.of} before.`);
      return known.chosen;
    });
    while (path.length > 0 && isLast(path.at(-1))) path.pop();
    const next = path.at(-1);
    if (!next) return played;
    next.chosen += 1;
  }
}

const isLast = (step?: { chosen: number; of: number }): boolean => step !== undefined && step.chosen + 1 === step.of;

import { eventsOf, permutations, playAllOrders, shortHistoryOf } from './permutations.js';
import { openLearnedStore } from './run.js';

/** Histories of up to so many events; 5,040 orders of seven. */
const LONGEST = Number(process.env.SIM_EVENTS ?? 4);
const HISTORIES = Number(process.env.SIM_SHORT_HISTORIES ?? 8);

it('ends the same in every order in which the events of a short history can come', async () => {
  const store = await openLearnedStore();
  const wrong: string[] = [];
  let [histories, played] = [0, 0];
  for (let seed = 1; histories < HISTORIES; seed++) {
    const events = eventsOf(shortHistoryOf(seed));
    if (events < 3 || events > LONGEST) continue;
    const { orders, violations } = await playAllOrders(store, seed);
    histories += 1;
    played += orders;
    wrong.push(...violations.map((violation) => `seed ${seed}: ${violation}`));
  }
  await store.close();
  process.stdout.write(`${histories} histories of 3 to ${LONGEST} events in ${played} orders, ${wrong.length} wrong\n`);

  expect(permutations(4)).toHaveLength(24);
  expect(wrong).toEqual([]);
}, 3_600_000);

import { createSystemRandom, systemTimers, systemWall } from '../../src/clock/system-clock';

describe('the system clock', () => {
  it('tells the time of the machine', () => {
    const before = Date.now();
    expect(systemWall.now()).toBeGreaterThanOrEqual(before);
  });

  it('runs a task after its wait, and not at all once cancelled', async () => {
    const ran: string[] = [];
    const cancel = systemTimers.after(0, () => ran.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) => systemTimers.after(1, resolve));
    expect(ran).toEqual([]);
  });

  it('keeps a wait of 60 days instead of firing at once', async () => {
    let ran = false;
    const cancel = systemTimers.after(60 * 86_400_000, () => (ran = true));
    await systemTimers.sleep(5);
    cancel();
    expect(ran).toBe(false);
  });
});

describe('system randomness', () => {
  const random = createSystemRandom();

  it('makes ids that sort in the order in which they were made', () => {
    const ids = Array.from({ length: 1000 }, () => random.ulid());
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1000);
    expect(ids[0]).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('makes fractions from 0 up to but not 1, and version 4 uuids', () => {
    for (let draw = 0; draw < 1000; draw += 1) {
      const fraction = random.fraction();
      expect(fraction >= 0 && fraction < 1).toBe(true);
    }
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });
});

import type { Post } from './post.js';
import { type GatewayProcess, startProcess } from './gateway-process.js';
import { type Fences, type Phase, PHASES } from './gate.js';
import type { Rumours } from './rumours.js';
import type { Replays } from './simulated-stripe.js';
import type { World } from './world.js';

export const PROCESSES = 2;
/** How often processes die at most, and once more for each customer. */
const DEATHS = 3;
/** What a process does a few times at most. */
const RARE: readonly Phase[] = ['write', 'written'];
const HOUR = 3_600_000;

/** The processes of the gateway: they die and are replaced, freeze, and have clocks that jump. */
export class Fleet {
  private readonly processes: GatewayProcess[] = [];
  private readonly fences: Fences = new Map();
  private readonly replays: Replays = new Map();
  private deathsLeft = 0;
  private keepsUp = false;
  private clocksJump = true;

  constructor(
    private readonly world: World,
    private readonly post: Post,
    private readonly rumours: Rumours,
    private readonly plant: (process: GatewayProcess) => GatewayProcess,
  ) {}

  /** With `keepsUp` they look for themselves after what no delivery brings. */
  begin(customers: number, keepsUp: boolean): void {
    this.deathsLeft = DEATHS + customers;
    this.keepsUp = keepsUp;
    for (let count = 0; count < PROCESSES; count++) this.start(customers);
    const { chance } = this.world;
    if (chance.often(0.5)) this.freezeNowAndThen();
    if (chance.often(0.4)) this.jumpNowAndThen();
  }

  alive(): GatewayProcess[] {
    return this.processes.filter(({ gate }) => !gate.dead);
  }

  isWhole(): boolean {
    return this.alive().length === PROCESSES;
  }

  /** Somebody has set the clocks right. */
  setClocksRight(): void {
    this.clocksJump = false;
    for (const { clock } of this.processes) clock.skew = 0;
  }

  end(): void {
    this.processes.forEach(({ gate }) => (gate.dead = true));
  }

  private start(customers: number): void {
    const { world, post, fences, replays, rumours, keepsUp } = this;
    const { chance, schedule } = world;
    const dies = this.deathsLeft > 0 && chance.often(customers > 2 ? 0.8 : 0.5);
    const phase = chance.pick(PHASES);
    const diesAt = dies ? { phase, time: chance.whole(1, RARE.includes(phase) ? 2 : 9 * customers) } : null;
    const started: GatewayProcess = startProcess(
      {
        ...{ world, post, fences, replays, keepsUp },
        hints: rumours.heardBy(() => started.gate),
        skew: this.clocksJump && chance.often(0.2) ? chance.whole(-HOUR, HOUR) : 0,
        onDeath: (phase) => {
          this.deathsLeft -= 1;
          world.count(`crash in ${phase}`);
          schedule.after(chance.whole(50, 4_000), () => this.start(customers));
        },
      },
      diesAt,
    );
    this.processes.push(this.plant(started));
  }

  /** Freezes a process longer than its lease lasts. */
  private freezeNowAndThen(): void {
    const { schedule, chance, count } = this.world;
    schedule.after(chance.whole(10, 8_000), () => {
      if (chance.often(0.5)) this.freezeNowAndThen();
      const [process] = this.alive();
      if (!process) return;
      process.gate.frozenUntil = Math.max(process.gate.frozenUntil, schedule.now + chance.whole(1_000, 12_000));
      count('freezes');
    });
  }

  /** Sets the clock of a process wrong, by up to an hour to either side; the store keeps its own time. */
  private jumpNowAndThen(): void {
    const { schedule, chance, count } = this.world;
    schedule.after(chance.whole(10, 8_000), () => {
      if (!this.clocksJump) return;
      this.jumpNowAndThen();
      const { clock } = chance.pick(this.alive()) ?? { clock: { skew: 0 } };
      const before = clock.skew;
      clock.skew = chance.whole(-HOUR, HOUR);
      count(clock.skew < before ? 'clocks set back' : 'clocks set forward');
    });
  }
}

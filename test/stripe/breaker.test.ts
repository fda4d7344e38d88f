import { type AttemptEnd, createBreaker } from '../../src/stripe/breaker.js';
import { createManualTime } from '../support/manual-time.js';

const random = { ulid: () => '', uuid: () => '', fraction: () => 0.999 };

function start() {
  const time = createManualTime();
  const breaker = createBreaker({ failures: 3, longestPauseMs: 8_000 }, { wall: time.wall, random });
  const call = (name: string, how: AttemptEnd): 'made' | 'refused' => {
    const pass = breaker.admit(name);
    if ('refusedForMs' in pass) return 'refused';
    pass.end(how);
    return 'made';
  };
  const failThree = () => ['a', 'b', 'c'].forEach((name) => call(name, 'failed'));
  return { time, breaker, call, failThree };
}

describe('the breaker', () => {
  it('opens after three different calls that failed in a row', () => {
    const { breaker, call, failThree } = start();
    failThree();

    expect(breaker.state()).toBe('open');
    expect(call('d', 'answered')).toBe('refused');
  });

  it('stays closed for one object that always fails, and when answers come between', () => {
    const { breaker, call } = start();
    for (let time = 0; time < 50; time++) call('poison', 'failed');
    call('other', 'failed');
    call('good', 'answered');
    call('a', 'failed');
    call('b', 'failed');

    expect(breaker.state()).toBe('closed');
  });

  it('lets one call try after a pause, and the others wait for it', () => {
    const { time, breaker, failThree } = start();
    failThree();
    time.advance(1_000);

    const trial = breaker.admit('d');
    expect(trial).toMatchObject({ trial: true });
    expect(breaker.admit('e')).toMatchObject({ refusedForMs: expect.any(Number) });
    if ('end' in trial) trial.end('answered');

    expect(breaker.state()).toBe('closed');
  });

  it('pauses twice as long after each failed trial, up to its limit', () => {
    const { time, call, failThree } = start();
    failThree();
    const pauses: number[] = [];
    for (let trial = 0; trial < 6; trial++) {
      let waited = 0;
      while (call('d', 'failed') === 'refused') {
        time.advance(100);
        waited += 100;
      }
      pauses.push(waited);
    }

    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });

  it('goes back to waiting when the trial was never made', () => {
    const { time, breaker, call, failThree } = start();
    failThree();
    time.advance(1_000);
    call('d', 'unasked');

    expect(breaker.state()).toBe('open');
    expect(call('e', 'answered')).toBe('made');
    expect(breaker.state()).toBe('closed');
  });
});

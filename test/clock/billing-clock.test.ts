import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { followBillingClock, wallBillingClock } from '../../src/clock/billing-clock';
import type { BillingClock } from '../../src/ports';
import { createManualTime } from '../support/manual-time';
import { createRecordedLog } from '../support/recorded-log';

const day = 86_400_000;
const line = (now: number, frozen = false) => `${JSON.stringify({ now: new Date(now).toISOString(), frozen })}\n`;

describe('a followed billing clock', () => {
  let sandbox: Server;
  let url: string;
  let streams: ServerResponse[];
  let clock: BillingClock | undefined;
  let status = 200;
  const time = createManualTime();
  const log = createRecordedLog();
  const ports = { wall: time.wall, timers: time.timers, log };

  beforeEach(async () => {
    streams = [];
    status = 200;
    sandbox = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/x-ndjson' });
      response.write(line(time.wall.now() + day));
      streams.push(response);
      sandbox.emit('stream');
    });
    sandbox.listen(0, '127.0.0.1');
    await once(sandbox, 'listening');
    url = `http://127.0.0.1:${(sandbox.address() as AddressInfo).port}/_sandbox/clock`;
  });
  afterEach(async () => {
    clock?.close();
    sandbox.closeAllConnections();
    sandbox.close();
    await once(sandbox, 'close');
  });

  const jumpOf = (following: BillingClock) => new Promise<number>((resolve) => void following.onJump(resolve));

  it('starts at the time of the first line and runs on with the wall clock', async () => {
    clock = await followBillingClock(url, ports);
    expect(clock.now()).toBe(time.wall.now() + day);
    time.advance(1_000);
    expect(clock.now()).toBe(time.wall.now() + day);
  });

  it('tells a jump with the new time, also when a line comes in pieces', async () => {
    clock = await followBillingClock(url, ports);
    const jump = jumpOf(clock);
    const target = time.wall.now() + 31 * day;
    const text = line(target);

    streams[0]?.write(`\n${text.slice(0, 10)}`);
    streams[0]?.write(text.slice(10));

    expect(await jump).toBe(target);
    expect(clock.now()).toBe(target);
  });

  it('stands still while the sandbox is frozen', async () => {
    clock = await followBillingClock(url, ports);
    const jump = jumpOf(clock);
    const instant = time.wall.now() + 2 * day;
    streams[0]?.write(line(instant, true));
    await jump;
    time.advance(5_000);
    expect(clock.now()).toBe(instant);
  });

  it('no longer tells a listener that has stopped listening', async () => {
    clock = await followBillingClock(url, ports);
    const heard: number[] = [];
    const stop = clock.onJump((now) => heard.push(now));
    stop();
    const jump = jumpOf(clock);
    streams[0]?.write(line(time.wall.now() + 3 * day));
    await jump;
    expect(heard).toEqual([]);
  });

  it('keeps its offset while the sandbox is away and catches up when it is back', async () => {
    clock = await followBillingClock(url, ports);
    const before = clock.now();
    const reopened = once(sandbox, 'stream');
    streams[0]?.destroy();
    expect(clock.now()).toBe(before);

    await time.waitingFor(100);
    time.advance(100);
    await reopened;
    const jump = jumpOf(clock);
    streams[1]?.write(line(time.wall.now() + 9 * day));
    await jump;
    expect(clock.now()).toBe(time.wall.now() + 9 * day);
  });

  it('opens a stream anew that has been silent for too long', async () => {
    clock = await followBillingClock(url, ports);
    const reopened = once(sandbox, 'stream');
    time.advance(40_000);
    await time.waitingFor(100);
    time.advance(100);
    await reopened;
    expect(streams).toHaveLength(2);
  });

  it('gives up with a clear error when no time comes within 10 s', async () => {
    status = 404;
    const opening = followBillingClock(url, ports);
    const refused = expect(opening).rejects.toThrow(`The billing clock at ${url} sent no time within 10 s.`);
    time.advance(10_000);
    await refused;
  });
});

describe('a billing clock that follows nothing', () => {
  it('equals the wall clock', () => {
    const time = createManualTime();
    const clock = wallBillingClock(time.wall);
    time.advance(day);
    expect(clock.now()).toBe(time.wall.now());
  });
});

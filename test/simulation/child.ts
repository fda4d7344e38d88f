import 'reflect-metadata';
import { play, type Share } from './play.js';

/** Plays its share in a process of its own and tells its parent how it went. */
process.once('message', (share: Share) => {
  void play(share).then((played) => process.send?.(played, () => process.disconnect()));
});

// Run as a child: FFmpeg 8 from npm opens an encrypted track file with a key and prints the SHA-1
// of every packet. `node decrypting-judge.mjs FILE KEY`.
import { createHash } from 'node:crypto';

Symbol.dispose ??= Symbol('dispose');
Symbol.asyncDispose ??= Symbol('asyncDispose');
// node-av wants it although Node 20 lacks it.
Promise.withResolvers ??= () => {
  let resolve;
  let reject;
  const promise = new Promise((onDone, onFault) => {
    resolve = onDone;
    reject = onFault;
  });
  return { promise, resolve, reject };
};

const { Demuxer } = await import('node-av/api');
const [file, key] = process.argv.slice(2);
const demuxer = await Demuxer.open(file, key === undefined ? {} : { options: { cryptokey: key } });
for await (const packet of demuxer.packets(0)) {
  if (packet === null) break;
  console.log(createHash('sha1').update(packet.data).digest('hex'));
}
process.exit(0);

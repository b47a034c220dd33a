import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { Asset } from './asset.ts';
import type { FrameClock } from './clock.ts';
import type { PlayedMedia } from './decoded-media.ts';
import type { Painter } from './painter.ts';
import type { Player } from './player.ts';

/**
 * The film on the page. While it plays the video element shows it; while it stands, the very frame
 * that was asked for lies on a canvas over it, decoded by the page. What no element plays (ProRes)
 * is shown by the canvas alone. `children` are laid over the picture: drawings, masks.
 */
export function Screen({
  asset,
  media,
  player,
  clock,
  children,
}: {
  asset: Asset;
  /** What the player drives; this component puts it there. */
  media: RefObject<PlayedMedia | null>;
  player: Player;
  clock: FrameClock;
  children?: ReactNode;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [painted, setPainted] = useState<number | undefined>(undefined);
  const [plays, setPlays] = useState(true);
  const fileId = asset.proxyFileId ?? asset.original.id;
  const address = `/api/files/${fileId}?inline=1`;
  const painter = usePainter(canvas, address, asset, clock, {
    onPainted: setPainted,
    onDecoded: (decoded) => {
      if (plays) return;
      media.current = decoded;
      player.attached();
    },
    decodesAlone: !plays,
  });
  // What is tried first is the element, anew for each file.
  useEffect(() => setPlays(true), [address]);
  const stands = player.speed <= 0;
  useEffect(() => {
    if (stands) void painter.current?.show(player.frame).catch(() => setPainted(undefined));
  }, [stands, player.frame, painter]);
  const covers = !plays || (stands && painted === player.frame);
  return (
    <>
      {plays ? (
        <video
          ref={media as RefObject<HTMLVideoElement | null>}
          src={address}
          preload="auto"
          playsInline
          aria-label={asset.title}
          onClick={player.toggle}
          onError={() => setPlays(false)}
          onLoadedData={({ currentTarget }) => {
            // Of a film whose pictures it does not know an element may play the sound alone.
            if (currentTarget.videoWidth === 0) {
              setPlays(false);
              return;
            }
            player.attached();
            player.show(player.frame);
            void painter.current?.show(player.frame);
          }}
        />
      ) : null}
      <canvas
        ref={canvas}
        className="room-picture"
        hidden={!covers}
        onClick={player.toggle}
        data-frame={painted}
        {...(plays ? { 'aria-hidden': true } : { role: 'img', 'aria-label': asset.title })}
      />
      {children}
    </>
  );
}

type PainterTold = {
  readonly onPainted: (frame: number) => void;
  readonly onDecoded: (media: PlayedMedia) => void;
  /** No element plays the file, so that its pictures also have to be played from here. */
  readonly decodesAlone: boolean;
};

/** Opens the pictures when the room opens; the decoder is fetched only then. */
function usePainter(
  canvas: RefObject<HTMLCanvasElement | null>,
  address: string,
  asset: Asset,
  clock: FrameClock,
  told: PainterTold,
): RefObject<Painter | undefined> {
  const painter = useRef<Painter | undefined>(undefined);
  const latest = useRef(told);
  latest.current = told;
  const uneven = asset.proxyFileId === null && asset.media?.video?.variableRate === true;
  useEffect(() => {
    let closed = false;
    const open = async () => {
      const [{ createPainter, openPicture }, { DecodedMedia }] = await Promise.all([
        import('./frame-source.ts'),
        import('./decoded-media.ts'),
      ]);
      const { framesPerSecond } = clock;
      const picture = await openPicture(address, { framesPerSecond, uneven });
      if (picture === undefined || canvas.current === null) return;
      if (closed) {
        picture.close();
        return;
      }
      const opened = createPainter(canvas.current, picture, (frame) =>
        latest.current.onPainted(frame),
      );
      painter.current = opened;
      latest.current.onDecoded(new DecodedMedia(picture, framesPerSecond, opened.put));
      await opened.show(0);
    };
    // Without a decoder the element alone is there, as on browsers without WebCodecs.
    open().catch(() => {});
    return () => {
      closed = true;
      painter.current?.close();
      painter.current = undefined;
    };
  }, [address, uneven, clock, canvas, told.decodesAlone]);
  return painter;
}

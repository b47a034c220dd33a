import { type RefObject, useEffect, useRef } from 'react';
import type { Beside, Look } from './desk.ts';

const VERTEX = `attribute vec2 at; varying vec2 uv;
void main() { uv = vec2(at.x * .5 + .5, .5 - at.y * .5); gl_Position = vec4(at, 0., 1.); }`;

/** Levels of false colour, from crushed to clipped, as exposure tools of cameras have them. */
const FRAGMENT = `precision mediump float;
varying vec2 uv;
uniform sampler2D one; uniform sampler2D two;
uniform int channel; uniform float exposure; uniform float gamma; uniform bool falsely;
uniform int mode; uniform float share; uniform float wider;
float luma(vec3 c) { return dot(c, vec3(.2126, .7152, .0722)); }
vec3 levels(float y) {
  if (y < .02) return vec3(.45, 0., .6);
  if (y < .10) return vec3(.1, .2, .9);
  if (y < .38) return vec3(y);
  if (y < .42) return vec3(.1, .75, .2);
  if (y < .52) return vec3(y);
  if (y < .56) return vec3(1., .6, .65);
  if (y < .90) return vec3(y);
  if (y < .97) return vec3(1., .9, .1);
  return vec3(.95, .1, .1);
}
vec3 looked(vec3 c) {
  c = pow(max(c * pow(2., exposure), 0.), vec3(1. / gamma));
  if (channel == 1) c = vec3(c.r);
  if (channel == 2) c = vec3(c.g);
  if (channel == 3) c = vec3(c.b);
  if (channel == 4) c = vec3(luma(c));
  return falsely ? levels(luma(c)) : c;
}
/* Another shape of picture keeps its own: bars stand where it does not reach. */
vec3 other(vec2 at) {
  if (wider > 1.) at.y = (at.y - .5) * wider + .5;
  else at.x = (at.x - .5) / wider + .5;
  if (at.x < 0. || at.x > 1. || at.y < 0. || at.y > 1.) return vec3(0.);
  return texture2D(two, at).rgb;
}
void main() {
  vec3 a = texture2D(one, uv).rgb;
  if (mode == 0) { gl_FragColor = vec4(looked(a), 1.); return; }
  if (mode == 1) {
    bool left = uv.x < .5;
    vec2 at = vec2(left ? uv.x * 2. : uv.x * 2. - 1., (uv.y - .25) * 2.);
    if (at.y < 0. || at.y > 1.) { gl_FragColor = vec4(0., 0., 0., 1.); return; }
    gl_FragColor = vec4(looked(left ? texture2D(one, at).rgb : other(at)), 1.);
    return;
  }
  vec3 b = other(uv);
  if (mode == 2) {
    if (abs(uv.x - share) < .001) { gl_FragColor = vec4(1.); return; }
    gl_FragColor = vec4(looked(uv.x < share ? a : b), 1.);
  }
  if (mode == 3) gl_FragColor = vec4(looked(abs(a - b)), 1.);
  if (mode == 4) gl_FragColor = vec4(looked(mix(a, b, share)), 1.);
}`;

const CHANNELS = ['all', 'red', 'green', 'blue', 'luma'];
const MODES = ['none', 'side', 'wipe', 'difference', 'onion'];

type Wanted = { readonly look: Look; readonly beside: Beside | null };

/** The pictures of one or two versions through a look; over the film while one is chosen. */
export function GradedView({
  one,
  two,
  look,
  beside,
}: Wanted & {
  one: RefObject<HTMLElement | null>;
  two: RefObject<HTMLElement | null>;
}) {
  const place = useRef<HTMLDivElement>(null);
  const wanted = useRef<Wanted>({ look, beside });
  wanted.current = { look, beside };
  useEffect(() => {
    // Each opening has a canvas of its own: one whose context was given back never draws again.
    const surface = document.createElement('canvas');
    const gl = surface.getContext('webgl', { preserveDrawingBuffer: true });
    if (gl === null) return undefined;
    place.current?.append(surface);
    const paint = openPainter(gl);
    let handle = 0;
    let drawn = '';
    const draw = () => {
      handle = requestAnimationFrame(draw);
      const first = pictureIn(one.current);
      if (first === undefined) return;
      const second = pictureIn(two.current);
      // What stands is drawn once: without a graphics processor each drawing costs much.
      const stands =
        first.frame !== undefined && (second === undefined || second.frame !== undefined);
      const key = `${first.frame} ${second?.frame} ${JSON.stringify(wanted.current)}`;
      if (stands && key === drawn) return;
      drawn = key;
      if (surface.width !== first.width) surface.width = first.width;
      if (surface.height !== first.height) surface.height = first.height;
      paint(first, second, wanted.current);
    };
    draw();
    return () => {
      cancelAnimationFrame(handle);
      gl.getExtension('WEBGL_lose_context')?.loseContext();
      surface.remove();
    };
  }, [one, two]);
  return <div ref={place} className="graded" aria-hidden="true" />;
}

type Shown = HTMLCanvasElement | HTMLVideoElement;
type Picture = {
  readonly picture: Shown;
  readonly width: number;
  readonly height: number;
  /** Which frame stands there; undefined while it plays. */
  readonly frame: string | undefined;
};

/** What is on screen: the decoded frame while the film stands, else the element that plays. */
function pictureIn(place: HTMLElement | null): Picture | undefined {
  const painted = place?.querySelector<HTMLCanvasElement>('canvas.room-picture');
  if (painted != null && !painted.hidden && painted.width > 0) {
    const { width, height } = painted;
    return { picture: painted, width, height, frame: painted.dataset['frame'] };
  }
  const video = place?.querySelector('video');
  if (video == null || video.readyState < 2 || video.videoWidth === 0) return undefined;
  const { videoWidth: width, videoHeight: height } = video;
  return { picture: video, width, height, frame: undefined };
}

function openPainter(gl: WebGLRenderingContext) {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
  const at = gl.getAttribLocation(program, 'at');
  gl.enableVertexAttribArray(at);
  gl.vertexAttribPointer(at, 2, gl.FLOAT, false, 0, 0);
  const place = (name: string) => gl.getUniformLocation(program, name);
  const textures = [gl.createTexture(), gl.createTexture()];
  gl.uniform1i(place('one'), 0);
  gl.uniform1i(place('two'), 1);
  const fill = (unit: 0 | 1, picture: Shown) => {
    gl.activeTexture(unit === 0 ? gl.TEXTURE0 : gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, textures[unit]!);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture);
  };
  return (one: Picture, two: Picture | undefined, { look, beside }: Wanted) => {
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    fill(0, one.picture);
    if (two !== undefined) {
      fill(1, two.picture);
      const wider = two.width / two.height / (one.width / one.height);
      gl.uniform1f(place('wider'), wider);
    }
    gl.uniform1i(place('channel'), CHANNELS.indexOf(look.channel));
    gl.uniform1f(place('exposure'), look.exposure);
    gl.uniform1f(place('gamma'), look.gamma);
    gl.uniform1i(place('falsely'), look.falseColour ? 1 : 0);
    const mode = beside === null || two === undefined ? 'none' : beside.mode;
    gl.uniform1i(place('mode'), MODES.indexOf(mode));
    gl.uniform1f(place('share'), beside?.share ?? 0.5);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  };
}

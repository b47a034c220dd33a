/**
 * The wordings of findings by code: the sentence, and what to do where there is something to do.
 * Most codes have one; of several, the facts of the finding tell which is meant.
 */
declare module 'virtual:finding-texts/zh-CN' {
  const texts: Readonly<Record<string, readonly (readonly [text: string, remedy?: string])[]>>;
  export default texts;
}
declare module 'virtual:finding-texts/en' {
  const texts: Readonly<Record<string, readonly (readonly [text: string, remedy?: string])[]>>;
  export default texts;
}

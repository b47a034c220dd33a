/** The wording of findings by code: the sentence, and what to do where there is something to do. */
declare module 'virtual:finding-texts/zh-CN' {
  const texts: Readonly<Record<string, readonly [text: string, remedy?: string]>>;
  export default texts;
}
declare module 'virtual:finding-texts/en' {
  const texts: Readonly<Record<string, readonly [text: string, remedy?: string]>>;
  export default texts;
}

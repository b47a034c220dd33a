// Runs before the first paint, so that nobody who chose the dark is met by a flash of light. It is
// a file and not an inline script because the pages are served under a content security policy.
(function () {
  var theme = 'system';
  var language = '';
  try {
    theme = localStorage.getItem('yinglian.theme') || 'system';
    language = localStorage.getItem('yinglian.language') || '';
  } catch {
    // Storage may be forbidden; the page then follows the system.
  }
  var dark = theme === 'dark'
    || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.documentElement.lang = language || (/^zh/i.test(navigator.language) ? 'zh-CN' : 'en');
})();

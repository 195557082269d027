;;; lsp-mode-session.el --- The finding and its fix in lsp-mode  -*- lexical-binding: t; -*-

(require 'session)
(setq lsp-auto-guess-root t
      lsp-session-file (concat (getenv "REPORT") ".session")
      lsp-diagnostics-provider :flymake
      lsp-enable-file-watchers nil
      lsp-warn-no-matched-clients nil)
(require 'lsp-mode)
(require 'lsp-diagnostics)
(setq lsp-enabled-clients '(vatdata)) ; no other server is installed
(lsp-workspace-folders-add (directory-file-name (file-name-directory (getenv "BANK"))))

(find-file (getenv "BANK"))
(lsp)

(defun session-findings ()
  "Return the diagnostics of the file."
  (gethash (lsp--fix-path-casing (getenv "BANK")) (lsp-diagnostics)))

(session-wait "the finding" #'session-findings)
(session-note 'diagnostics
              (vconcat (mapcar (lambda (item)
                                 (let ((range (lsp:diagnostic-range item)))
                                   `((start . ,(session-column (lsp--position-to-point (lsp:range-start range))))
                                     (end . ,(session-column (lsp--position-to-point (lsp:range-end range))))
                                     (text . ,(lsp:diagnostic-message item)))))
                               (session-findings))))
(goto-char (lsp--position-to-point (lsp:range-start (lsp:diagnostic-range (car (append (session-findings) nil))))))
(cl-letf (((symbol-function 'completing-read) #'session-choose))
  (call-interactively #'lsp-execute-code-action))
(session-wait "the finding to go" (lambda () (null (append (session-findings) nil))))
(session-note 'after (session-text))
(session-end)
;;; lsp-mode-session.el ends here

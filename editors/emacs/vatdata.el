;;; vatdata.el --- Findings of vatdata in Eglot and lsp-mode  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0
;; Package-Requires: ((emacs "27.1"))

;;; Commentary:

;; Loading this file is all that is needed: Eglot and lsp-mode start the server in Python buffers of a project.
;; lsp-mode runs it beside other servers.  Eglot runs one server a buffer: name the others in
;; `vatdata-other-servers', and the multiplexer rass runs them together.

;;; Code:

(defgroup vatdata nil
  "Findings about the first crank of vats."
  :group 'tools)

(defcustom vatdata-server-command '("vatdata-lsp")
  "Program that starts the server, and its arguments."
  :type '(repeat string))

(defcustom vatdata-other-servers nil
  "Commands of other servers that Eglot shall run in the same buffers.
Each is a list: a program and its arguments, for example (\"ruff\" \"server\").
They are run by the multiplexer rass, which `pip install rassumfrassum' brings."
  :type '(repeat (repeat string)))

(defun vatdata-eglot-contact (&rest _)
  "Return the command that Eglot runs in a Python buffer."
  (if vatdata-other-servers
      (append '("rass" "--")
              vatdata-server-command
              (apply #'append (mapcar (lambda (command) (cons "--" command)) vatdata-other-servers)))
    vatdata-server-command))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '((python-mode python-ts-mode) . vatdata-eglot-contact)))

(declare-function lsp-register-client "ext:lsp-mode")
(declare-function make-lsp-client "ext:lsp-mode")
(declare-function lsp-stdio-connection "ext:lsp-mode")
(declare-function lsp-activate-on "ext:lsp-mode")
(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client
    :new-connection (lsp-stdio-connection (lambda () vatdata-server-command))
    :activation-fn (lsp-activate-on "python")
    :add-on? t
    :server-id 'vatdata)))

(provide 'vatdata)
;;; vatdata.el ends here

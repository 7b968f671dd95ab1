"""结果: public notices. Awards, objections and certificates stand here next."""
